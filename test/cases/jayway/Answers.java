import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.jayway.jsonpath.Configuration;
import com.jayway.jsonpath.JsonPath;
import com.jayway.jsonpath.JsonPathException;
import com.jayway.jsonpath.spi.json.JacksonJsonNodeJsonProvider;
import com.jayway.jsonpath.spi.mapper.JacksonMappingProvider;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;

/**
 * Reads case lines (see generate.py) and writes them with the answers of Jayway JsonPath: "result", or "error"
 * ("invalid": cannot be parsed, "not_found": fails on the input) and its "message", where the library has words of its own.
 */
public class Answers {
    public static void main(String[] args) throws Exception {
        ObjectMapper mapper = new ObjectMapper();
        Configuration conf = Configuration.builder().jsonProvider(new JacksonJsonNodeJsonProvider())
            .mappingProvider(new JacksonMappingProvider()).build();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, "UTF-8"));
        PrintStream out = new PrintStream(System.out, false, "UTF-8");
        JsonNode input = null;
        String line;
        while ((line = in.readLine()) != null) {
            ObjectNode test = (ObjectNode) mapper.readTree(line);
            if (test.has("input"))
                input = test.get("input");
            if (!test.has("path")) {
                out.println(mapper.writeValueAsString(test));
                continue;
            }
            JsonPath path;
            try {
                path = JsonPath.compile(test.get("path").asText());
            } catch (Throwable e) {
                test.put("error", "invalid");
                out.println(mapper.writeValueAsString(test));
                continue;
            }
            try {
                Object r = path.read((Object) input, conf);
                test.set("result", r == null ? mapper.getNodeFactory().nullNode() : (JsonNode) r);
            } catch (Throwable e) {
                test.put("error", "not_found");
                if (e instanceof JsonPathException)
                    test.put("message", e.getMessage());
            }
            test.put("definite", path.isDefinite());
            out.println(mapper.writeValueAsString(test));
        }
        out.flush();
    }
}
