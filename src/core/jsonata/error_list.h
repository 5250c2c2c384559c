/*
 * error_list.h
 *	  Error codes of the language with their texts: one row each.
 *
 * {token}, {value}, {value2}, {index}, {type} stand for what is known about the
 * failure, written as JSON; with a bang ({!token}) the bare text.
 */
JSONATA_ERROR(S0101, "String literal must be terminated by a matching quote")
JSONATA_ERROR(S0102, "Number out of range: {token}")
JSONATA_ERROR(S0103, "Unsupported escape sequence: \\{token}")
JSONATA_ERROR(S0104, "The escape sequence \\u must be followed by 4 hex digits")
JSONATA_ERROR(S0105, "Quoted property name must be terminated with a backquote (`)")
JSONATA_ERROR(S0106, "Comment has no closing tag")
JSONATA_ERROR(S0201, "Syntax error: {token}")
JSONATA_ERROR(S0202, "Expected {value}, got {token}")
JSONATA_ERROR(S0203, "Expected {value} before end of expression")
JSONATA_ERROR(S0204, "Unknown operator: {token}")
JSONATA_ERROR(S0207, "Unexpected end of expression")
JSONATA_ERROR(S0208, "Parameter {value} of function definition must be a variable name (start with $)")
JSONATA_ERROR(S0209, "A predicate cannot follow a grouping expression in a step")
JSONATA_ERROR(S0210, "Each step can only have one grouping expression")
JSONATA_ERROR(S0211, "The symbol {token} cannot be used as a unary operator")
JSONATA_ERROR(S0212, "The left side of := must be a variable name (start with $)")
JSONATA_ERROR(S0213, "The literal value {value} cannot be used as a step within a path expression")
JSONATA_ERROR(S0214, "The right side of {token} must be a variable name (start with $)")
JSONATA_ERROR(S0215, "A context variable binding must precede any predicates on a step")
JSONATA_ERROR(S0216, "A context variable binding must precede the 'order-by' clause on a step")
JSONATA_ERROR(S0217, "The object representing the 'parent' cannot be derived from this expression")
JSONATA_ERROR(S0301, "Empty regular expressions are not allowed")
JSONATA_ERROR(S0302, "No terminating / in regular expression")
JSONATA_ERROR(S0303, "Invalid regular expression: {!message}")
JSONATA_ERROR(S0401, "Type parameters can only be applied to functions and arrays")
JSONATA_ERROR(S0402, "Choice groups containing parameterized types are not supported")
JSONATA_ERROR(T0410, "Argument {index} of function {token} does not match function signature")
JSONATA_ERROR(T0411, "Context value is not a compatible type with argument {index} of function {token}")
JSONATA_ERROR(T0412, "Argument {index} of function {token} must be an array of {type}")
JSONATA_ERROR(D1001, "Number out of range: {value}")
JSONATA_ERROR(D1002, "Cannot negate a non-numeric value: {value}")
JSONATA_ERROR(T1003, "Key in object structure must evaluate to a string; got: {value}")
JSONATA_ERROR(D1004, "Regular expression matches zero length string")
JSONATA_ERROR(T1005, "Attempted to invoke a non-function. Did you mean ${!token}?")
JSONATA_ERROR(T1006, "Attempted to invoke a non-function")
JSONATA_ERROR(T1007, "Attempted to partially apply a non-function. Did you mean ${!token}?")
JSONATA_ERROR(T1008, "Attempted to partially apply a non-function")
JSONATA_ERROR(D1009, "Multiple key definitions evaluate to same key: {value}")
JSONATA_ERROR(T1010,
			  "The matcher function argument passed to function {token} does not return the correct object structure")
JSONATA_ERROR(T2001, "The left side of the {token} operator must evaluate to a number")
JSONATA_ERROR(T2002, "The right side of the {token} operator must evaluate to a number")
JSONATA_ERROR(T2003, "The left side of the range operator (..) must evaluate to an integer")
JSONATA_ERROR(T2004, "The right side of the range operator (..) must evaluate to an integer")
JSONATA_ERROR(T2006, "The right side of the function application operator ~> must be a function")
JSONATA_ERROR(T2007, "Type mismatch when comparing values {value} and {value2} in order-by clause")
JSONATA_ERROR(T2008, "The expressions within an order-by clause must evaluate to numeric or string values")
JSONATA_ERROR(T2009, "The values {value} and {value2} either side of operator {token} must be of the same data type")
JSONATA_ERROR(T2010, "The expressions either side of operator {token} must evaluate to numeric or string values")
JSONATA_ERROR(T2011, "The insert/update clause of the transform expression must evaluate to an object: {value}")
JSONATA_ERROR(T2012,
			  "The delete clause of the transform expression must evaluate to a string or array of strings: {value}")
JSONATA_ERROR(
	T2013,
	"The transform expression clones the input object using the $clone() function.  This has been overridden in the current scope by a non-function.")
JSONATA_ERROR(
	D2014,
	"The size of the sequence allocated by the range operator (..) must not exceed 1e7.  Attempted to allocate {value}.")
JSONATA_ERROR(D2015, "The maximum sequence length of {value} was exceeded.")
JSONATA_ERROR(D3001, "Attempting to invoke string function on Infinity or NaN")
JSONATA_ERROR(D3010, "Second argument of replace function cannot be an empty string")
JSONATA_ERROR(D3011, "Fourth argument of replace function must evaluate to a positive number")
JSONATA_ERROR(D3012, "Attempted to replace a matched string with a non-string value")
JSONATA_ERROR(D3020, "Third argument of split function must evaluate to a positive number")
JSONATA_ERROR(D3030, "Unable to cast value to a number: {value}")
JSONATA_ERROR(D3040, "Third argument of match function must evaluate to a positive number")
JSONATA_ERROR(D3050, "The second argument of reduce function must be a function with at least two arguments")
JSONATA_ERROR(D3060, "The sqrt function cannot be applied to a negative number: {value}")
JSONATA_ERROR(
	D3061,
	"The power function has resulted in a value that cannot be represented as a JSON number: base={value}, exponent={value2}")
JSONATA_ERROR(
	D3070,
	"The single argument form of the sort function can only be applied to an array of strings or an array of numbers.  Use the second argument to specify a comparison function")
JSONATA_ERROR(D3080, "The picture string must only contain a maximum of two sub-pictures")
JSONATA_ERROR(D3081, "The sub-picture must not contain more than one instance of the 'decimal-separator' character")
JSONATA_ERROR(D3082, "The sub-picture must not contain more than one instance of the 'percent' character")
JSONATA_ERROR(D3083, "The sub-picture must not contain more than one instance of the 'per-mille' character")
JSONATA_ERROR(D3084, "The sub-picture must not contain both a 'percent' and a 'per-mille' character")
JSONATA_ERROR(
	D3085,
	"The mantissa part of a sub-picture must contain at least one character that is either an 'optional digit character' or a member of the 'decimal digit family'")
JSONATA_ERROR(
	D3086,
	"The sub-picture must not contain a passive character that is preceded by an active character and that is followed by another active character")
JSONATA_ERROR(
	D3087,
	"The sub-picture must not contain a 'grouping-separator' character that appears adjacent to a 'decimal-separator' character")
JSONATA_ERROR(D3088, "The sub-picture must not contain a 'grouping-separator' at the end of the integer part")
JSONATA_ERROR(D3089, "The sub-picture must not contain two adjacent instances of the 'grouping-separator' character")
JSONATA_ERROR(
	D3090,
	"The integer part of the sub-picture must not contain a member of the 'decimal digit family' that is followed by an instance of the 'optional digit character'")
JSONATA_ERROR(
	D3091,
	"The fractional part of the sub-picture must not contain an instance of the 'optional digit character' that is followed by a member of the 'decimal digit family'")
JSONATA_ERROR(
	D3092,
	"A sub-picture that contains a 'percent' or 'per-mille' character must not contain a character treated as an 'exponent-separator'")
JSONATA_ERROR(
	D3093,
	"The exponent part of the sub-picture must comprise only of one or more characters that are members of the 'decimal digit family'")
JSONATA_ERROR(D3100, "The radix of the formatBase function must be between 2 and 36.  It was given {value}")
JSONATA_ERROR(D3110, "The argument of the toMillis function must be an ISO 8601 formatted timestamp. Given {value}")
JSONATA_ERROR(D3120, "Syntax error in expression passed to function eval: {value}")
JSONATA_ERROR(D3121, "Dynamic error evaluating the expression passed to function eval: {value}")
JSONATA_ERROR(
	D3130,
	"Formatting or parsing an integer as a sequence starting with {value} is not supported by this implementation")
JSONATA_ERROR(D3131, "In a decimal digit pattern, all digits must be from the same decimal group")
JSONATA_ERROR(D3132, "Unknown component specifier {value} in date/time picture string")
JSONATA_ERROR(D3133,
			  "The 'name' modifier can only be applied to months and days in the date/time picture string, not {value}")
JSONATA_ERROR(D3134, "The timezone integer format specifier cannot have more than four digits")
JSONATA_ERROR(D3135, "No matching closing bracket ']' in date/time picture string")
JSONATA_ERROR(D3136, "The date/time picture string is missing specifiers required to parse the timestamp")
JSONATA_ERROR(D3137, "{!message}")
JSONATA_ERROR(D3138, "The $single() function expected exactly 1 matching result.  Instead it matched more.")
JSONATA_ERROR(D3139, "The $single() function expected exactly 1 matching result.  Instead it matched 0.")
JSONATA_ERROR(D3140, "Malformed URL passed to ${!message}(): {value}")
JSONATA_ERROR(D3141, "{!message}")
JSONATA_ERROR(D3150, "{!message}")
JSONATA_ERROR(U1001, "{!message}")
