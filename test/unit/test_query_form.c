/*
 * test_query_form.c
 *	  Forms of AWS's query protocol as JSON, and answers as XML.
 */
#include "unit/unit.h"

#include "aws/query_form.h"

/* expected: JSON, or NULL: it is none. */
static void
reads(const char *form, const char *expected)
{
	const JsonVal *value = query_form_read(form);

	if (expected == NULL || value == NULL)
		unit_check(expected == NULL && value == NULL, "form %s", form);
	else
		unit_text(jv_to_text(value), expected, "form %s", form);
}

static void
test_forms(void)
{
	reads("Action=Publish&Message=a+b%26%C3%9F", "{\"Action\":\"Publish\",\"Message\":\"a b&\303\237\"}");
	reads("Tags.member.1.Key=a&Tags.member.1.Value=b&Tags.member.2.Key=c&Tags.member.2.Value=",
		  "{\"Tags\":[{\"Key\":\"a\",\"Value\":\"b\"},{\"Key\":\"c\",\"Value\":\"\"}]}");
	reads("TagKeys.member.1=a&TagKeys.member.2=b", "{\"TagKeys\":[\"a\",\"b\"]}");
	reads("Attributes.entry.1.key=K&Attributes.entry.1.value=V&A.entry.1.Name=n&A.entry.1.Value.DataType=String",
		  "{\"Attributes\":{\"K\":\"V\"},\"A\":{\"n\":{\"DataType\":\"String\"}}}");
	reads("x.member.1.y.entry.7.key=k&x.member.1.y.entry.7.value=v", "{\"x\":[{\"y\":{\"k\":\"v\"}}]}");
}

/* What nobody sends who means well. */
static void
test_other_forms(void)
{
	reads("", NULL);
	reads("nothing", NULL);
	reads("&&=&", "{\"\":\"\"}");
	reads("a=%zz", NULL);
	reads("a=1&a=2", "{\"a\":\"1\"}");
	reads("a=1&a.b=2", "{\"a\":\"1\"}");
	reads("x.member=1&y.entry=2", "{\"x\":[\"1\"],\"y\":{}}");
	reads("x.entry.1.key=k&x.member.1=m", "{\"x\":{}}");
	reads("a.b.c.d.e.f.g.h.i.j=1",
		  "{\"a\":{\"b\":{\"c\":{\"d\":{\"e\":{\"f\":{\"g\":{\"h\":{\"i\":{\"j\":\"1\"}}}}}}}}}}");
	reads("a.b.c.d.e.f.g.h.i.j.k.l.m=1", NULL);
}

static void
test_limit(void)
{
	StringInfoData form;

	initStringInfo(&form);
	for (int i = 0; i < 1000; i++)
		appendStringInfo(&form, "a%d=1&", i);
	OK(query_form_read(form.data) != NULL);
	appendStringInfoString(&form, "z=1");
	OK(query_form_read(form.data) == NULL);
}

static void
test_answers(void)
{
	JvParseError error;
	const char *answer =
		"{\"TopicArn\":\"a<b\",\"Attributes\":{\"K\":\"V&\"},\"Tags\":[{\"Key\":\"a\"},{\"Key\":\"b\"}],\"SenderFault\":true}";
	StringInfoData out;

	initStringInfo(&out);
	query_answer_print(&out, jv_parse(answer, (int) strlen(answer), &error));
	unit_text(out.data,
			  "<TopicArn>a&lt;b</TopicArn><Attributes><entry><key>K</key><value>V&amp;</value></entry></Attributes>"
			  "<Tags><member><Key>a</Key></member><member><Key>b</Key></member></Tags><SenderFault>true</SenderFault>",
			  "an answer");
}

int
main(void)
{
	test_forms();
	test_other_forms();
	test_limit();
	test_answers();
	return unit_done();
}
