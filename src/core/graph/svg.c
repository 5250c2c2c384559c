/*
 * svg.c
 *	  The drawing as an SVG picture: for documents and mails, so without scripts, styles or fonts of its own.
 */
#include "base/port.h"

#include "base/utf8.h"

#include "graph/layout.h"

#define MARGIN 16
#define PORT_GAP 16

typedef struct MarkLook
{
	const char *fill;
	const char *border;
	const char *sign; /* never by colour alone */
} MarkLook;

static const MarkLook mark_looks[] = {
	[GRAPH_UNMARKED] = {"#ffffff", "#9aa4ad", ""},
	[GRAPH_SUCCEEDED] = {"#d8f1de", "#1d8102", "\xe2\x9c\x93"},
	[GRAPH_CAUGHT] = {"#fff1db", "#e07700", "!"},
	[GRAPH_FAILED] = {"#fbe0e0", "#d13212", "\xe2\x9c\x95"},
	[GRAPH_ABORTED] = {"#e9ebed", "#5f6b7a", "\xe2\x96\xa0"},
	[GRAPH_CURRENT] = {"#d3e7f9", "#0972d3", "\xe2\x80\xa6"},
};

static void draw_level(Drawing *drawing, const Level *level, double x0, double y0);

/* A text as the content of an element; what XML has no room for becomes a blank. */
static void
append_escaped(StringInfo out, const char *text, int length)
{
	for (int i = 0; i < length; i++)
	{
		unsigned char c = (unsigned char) text[i];

		if (c < ' ' || c == 0x7f)
			appendStringInfoChar(out, ' ');
		else if (c == '&' || c == '<' || c == '>' || c == '"' || c == '\'')
			appendStringInfo(out, "&#%d;", c);
		else
			appendStringInfoChar(out, c);
	}
}

static void
append_text(Drawing *drawing, double x, double y, int size, const char *colour, const char *text, int places)
{
	int length = (int) strlen(text);
	int shown = 0;

	if (layout_text_length(text) > places)
	{
		for (int used = 0; shown < length && used < places - 2; used++)
			shown += utf8_char_length(text + shown, length - shown);
	}
	else
		shown = length;
	appendStringInfo(&drawing->out, "<text x=\"%.1f\" y=\"%.1f\" font-size=\"%d\" fill=\"%s\" text-anchor=\"middle\">",
					 x, y, size, colour);
	append_escaped(&drawing->out, text, shown);
	appendStringInfo(&drawing->out, "%s</text>\n", shown < length ? "\xe2\x80\xa6" : "");
}

/* ---- boxes ---- */

static void
draw_sign(Drawing *drawing, const AslState *state, double right, double y)
{
	const MarkLook *look = &mark_looks[graph_mark(drawing, state)];
	int visits = drawing->marks != NULL ? drawing->marks->counts[state->number].visits : 0;

	if (look->sign[0] != '\0')
		append_text(drawing, right - 11, y + 15, 12, look->border, look->sign, 4);
	if (visits > 1)
		append_text(drawing, right - 14, y - 3, 10, "#414d5c", psprintf("\xc3\x97%d", visits), 12);
}

static void
draw_state(Drawing *drawing, const LayoutNode *node, double x, double y)
{
	const AslState *state = node->state;
	const MarkLook *look = &mark_looks[graph_mark(drawing, state)];
	const char *detail = graph_detail(state);
	bool is_current = graph_mark(drawing, state) == GRAPH_CURRENT;
	double left = x - node->width / 2;
	double text_y = y + (node->level_count > 0 ? 18 : detail != NULL ? 19 : 21);

	appendStringInfoString(&drawing->out, "<g><title>");
	append_escaped(&drawing->out, state->name, (int) strlen(state->name));
	appendStringInfo(&drawing->out, " (%s)</title>", state->type->name);
	appendStringInfo(&drawing->out,
					 "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"%d\" fill=\"%s\" stroke=\"%s\""
					 " stroke-width=\"%s\"%s/>\n",
					 left, y, node->width, node->height, node->level_count > 0 ? 10 : 6,
					 node->level_count > 0 && graph_mark(drawing, state) == GRAPH_UNMARKED ? "#f7f8f9" : look->fill,
					 look->border, is_current ? "2.5" : "1.2",
					 node->level_count > 0 ? " stroke-dasharray=\"5 3\"" : "");
	append_text(drawing, x, text_y, 12, "#16191f", state->name, LAYOUT_LONGEST);
	if (detail != NULL && node->level_count == 0)
		append_text(drawing, x, y + 35, 10, "#414d5c", detail, PG_INT32_MAX);
	draw_sign(drawing, state, left + node->width, y);
	appendStringInfoString(&drawing->out, "</g>\n");
}

static void
draw_inner_levels(Drawing *drawing, const LayoutNode *node, double x, double y)
{
	double taken = LAYOUT_PADDING * (node->level_count - 1);
	double left;

	for (int i = 0; i < node->level_count; i++)
		taken += node->levels[i]->width;
	left = x - taken / 2;
	for (int i = 0; i < node->level_count; i++)
	{
		draw_level(drawing, node->levels[i], left, y + LAYOUT_HEADER + LAYOUT_PADDING);
		left += node->levels[i]->width + LAYOUT_PADDING;
	}
}

static void
draw_node(Drawing *drawing, const LayoutNode *node, double x, double y)
{
	if (node->state != NULL)
		draw_state(drawing, node, x, y);
	else if (node->is_start || node->is_end)
		appendStringInfo(&drawing->out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"5\" fill=\"#414d5c\"/>%s\n", x,
						 y + node->height / 2,
						 node->is_end
							 ? psprintf("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"7\" fill=\"none\" stroke=\"#414d5c\"/>", x,
										y + node->height / 2)
							 : "");
	draw_inner_levels(drawing, node, x, y);
}

/* ---- lines ---- */

/* Where a line meets a box when several do: beside each other, in the order of where they come from. */
static double
port(const Level *level, int node, int index, bool is_below)
{
	const LayoutNode *box = &level->nodes[node];
	const LayoutEdge *edge = &level->edges[index];
	double mine = level->nodes[is_below ? edge->way[1] : edge->way[edge->way_count - 2]].x;
	int before = 0;
	int count = 0;

	for (int e = 0; e < level->edge_count; e++)
	{
		const LayoutEdge *other = &level->edges[e];
		double at;

		if (other->way[0] == other->way[1] || other->way[is_below ? 0 : other->way_count - 1] != node)
			continue;
		at = level->nodes[is_below ? other->way[1] : other->way[other->way_count - 2]].x;
		if (at < mine || (at == mine && e < index))
			before++;
		count++;
	}
	return box->x + (before - (count - 1) / 2.0) * Min(PORT_GAP, (box->width - 10) / Max(count, 1));
}

static void
draw_label(Drawing *drawing, const LayoutNode *node, double x0, double y0)
{
	appendStringInfo(&drawing->out, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"#ffffff\"/>",
					 x0 + node->x - node->width / 2, y0 + node->y, node->width, node->height);
	append_text(drawing, x0 + node->x, y0 + node->y + 12, 10, "#414d5c", node->label, PG_INT32_MAX);
}

/* Through the ranks straight down, from rank to rank in a curve that stays between them. */
static void
draw_way(Drawing *drawing, const Level *level, int index, double x0, double y0)
{
	const LayoutEdge *edge = &level->edges[index];
	StringInfo out = &drawing->out;
	int last = edge->way_count - 1;
	double x = x0 + port(level, edge->way[0], index, true);

	appendStringInfo(out, "<path fill=\"none\" stroke=\"%s\"%s marker-%s=\"url(#arrow)\" d=\"M%.1f %.1f",
					 edge->kind == EDGE_CATCH ? "#d13212" : "#687078",
					 edge->kind == EDGE_CATCH ? " stroke-dasharray=\"4 3\"" : "", edge->is_reversed ? "start" : "end",
					 x, y0 + level->nodes[edge->way[0]].y + level->nodes[edge->way[0]].height);
	for (int i = 1; i <= last; i++)
	{
		const LayoutNode *node = &level->nodes[edge->way[i]];
		double next = x0 + (i == last ? port(level, edge->way[last], index, false) : node->x);
		double top = y0 + level->rank_bottom[node->rank - 1];
		double bottom = y0 + level->rank_top[node->rank];

		appendStringInfo(out, "V%.1fC%.1f %.1f %.1f %.1f %.1f %.1f", top, x, (top + bottom) / 2, next,
						 (top + bottom) / 2, next, bottom);
		x = next;
	}
	appendStringInfo(out, "V%.1f\"/>\n", y0 + level->nodes[edge->way[last]].y);
	for (int i = 1; i < last; i++)
		if (level->nodes[edge->way[i]].label != NULL)
			draw_label(drawing, &level->nodes[edge->way[i]], x0, y0);
}

/* From a state to itself: a bow in the gap at its right. */
static void
draw_loop(Drawing *drawing, const Level *level, int index, double x0, double y0)
{
	const LayoutNode *node = &level->nodes[level->edges[index].way[0]];
	double x = x0 + node->x + node->width / 2;
	double y = y0 + node->y + node->height / 2;

	appendStringInfo(&drawing->out,
					 "<path fill=\"none\" stroke=\"#687078\" marker-end=\"url(#arrow)\""
					 " d=\"M%.1f %.1fC%.1f %.1f %.1f %.1f %.1f %.1f\"/>\n",
					 x, y + 8, x + 16, y + 12, x + 16, y - 12, x, y - 8);
}

static void
draw_level(Drawing *drawing, const Level *level, double x0, double y0)
{
	SFN_CHECK_INTERRUPTS();
	for (int n = 0; n < level->node_count; n++)
		draw_node(drawing, &level->nodes[n], x0 + level->nodes[n].x, y0 + level->nodes[n].y);
	for (int e = 0; e < level->edge_count; e++)
	{
		if (level->edges[e].way[0] == level->edges[e].way[1])
			draw_loop(drawing, level, e, x0, y0);
		else
			draw_way(drawing, level, e, x0, y0);
	}
}

bool
svg_draw(Drawing *drawing)
{
	const Level *level = layout_machine(drawing);
	double width;
	double height;

	if (level == NULL)
		return false;
	width = level->width + 2 * MARGIN;
	height = level->height + 2 * MARGIN;
	appendStringInfo(
		&drawing->out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" viewBox=\"0 0 %.0f %.0f\""
		" font-family=\"Helvetica, Arial, sans-serif\" role=\"img\">\n"
		"<defs><marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\""
		" orient=\"auto-start-reverse\"><path d=\"M0 0L8 4L0 8z\" fill=\"#687078\"/></marker></defs>\n"
		"<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>\n",
		width, height, width, height);
	draw_level(drawing, level, MARGIN, MARGIN);
	appendStringInfoString(&drawing->out, "</svg>\n");
	return true;
}
