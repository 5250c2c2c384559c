/*
 * layout.c
 *	  Ranks by longest path, order by the median of neighbours, places by least squares.
 *
 * A Parallel or Map is laid out first and is then a box of its size: the Amazon States Language has no transitions
 * across levels.  A line over several ranks, or with a label, passes through nodes of its own.
 */
#include "base/port.h"

#include "base/utf8.h"

#include "graph/layout.h"

#define MAX_NODES 30000 /* of a level, places for lines included */
#define SWEEPS 6
#define ROUNDS 8
#define NODE_GAP 22
#define LINE_GAP 12
#define RANK_GAP 30
#define END_SIZE 14

typedef struct LevelDraft
{
	Drawing drawing; /* first: edges are told to it */
	Level *level;
	int *node_of; /* by the state's number */
	int node_room;
	int edge_room;
	int *rank_start; /* places in the order, by rank */
	int *order;      /* nodes, rank by rank from left to right */
	int *place;      /* of a node in its rank */
	double *wish;
} LevelDraft;

static Level *layout_scope(Drawing *drawing, const AslScope *scope);

/* ---- nodes and edges ---- */

int
layout_text_length(const char *text)
{
	int length = (int) strlen(text);
	int places = 0;

	for (int i = 0; i < length;)
	{
		int bytes = utf8_char_length(text + i, length - i);

		places += bytes >= 3 ? 2 : 1;
		i += bytes;
	}
	return places;
}

static int
add_node(LevelDraft *draft, LayoutNode node)
{
	Level *level = draft->level;

	if (level->node_count == draft->node_room)
		level->nodes = repalloc(level->nodes, sizeof(LayoutNode) * (draft->node_room *= 2));
	level->nodes[level->node_count] = node;
	return level->node_count++;
}

static void
connect(LevelDraft *draft, int from, int to, GraphEdgeKind kind, const char *label)
{
	Level *level = draft->level;
	LayoutEdge *edge;

	if (level->edge_count == draft->edge_room)
		level->edges = repalloc(level->edges, sizeof(LayoutEdge) * (draft->edge_room *= 2));
	edge = &level->edges[level->edge_count++];
	*edge = (LayoutEdge){.kind = kind, .label = label, .way_count = 2, .way = palloc(sizeof(int) * 2)};
	edge->way[0] = from;
	edge->way[1] = to;
}

static void
add_edge(Drawing *drawing, const GraphEdge *edge)
{
	LevelDraft *draft = (LevelDraft *) drawing;

	connect(draft, draft->node_of[edge->from->number], draft->node_of[edge->to->number], edge->kind, edge->label);
}

/* A box for the state, with what is in it laid out already. */
static bool
measure(Drawing *drawing, const AslState *state, LayoutNode *node)
{
	const char *detail = graph_detail(state);
	int letters = Min(layout_text_length(state->name), LAYOUT_LONGEST);
	AslScope *const *scopes = graph_scopes(state, &node->level_count);

	*node = (LayoutNode){.state = state, .level_count = node->level_count};
	node->width = Max(letters * LAYOUT_LETTER, detail != NULL ? layout_text_length(detail) * LAYOUT_SMALL : 0) + 50;
	node->height = detail != NULL ? 44 : 32;
	if (node->level_count == 0)
		return true;
	node->levels = palloc(sizeof(Level *) * node->level_count);
	node->height = 0;
	{
		double inner = LAYOUT_PADDING;

		for (int i = 0; i < node->level_count; i++)
		{
			Level *level = node->levels[i] = layout_scope(drawing, scopes[i]);

			if (level == NULL)
				return false;
			inner += level->width + LAYOUT_PADDING;
			node->height = Max(node->height, level->height);
		}
		node->width = Max(node->width, inner);
	}
	node->height += LAYOUT_HEADER + 2 * LAYOUT_PADDING;
	return true;
}

static bool
collect(LevelDraft *draft, const AslScope *scope)
{
	LayoutNode node;
	int start = -1;
	int end = -1;

	if (scope->owner == NULL)
		start = add_node(draft, (LayoutNode){.is_start = true, .width = END_SIZE, .height = END_SIZE});
	for (int i = 0; i < scope->state_count; i++)
	{
		if (!measure(&draft->drawing, scope->states[i], &node))
			return false;
		draft->node_of[scope->states[i]->number] = add_node(draft, node);
	}
	if (scope->owner == NULL)
	{
		end = add_node(draft, (LayoutNode){.is_end = true, .width = END_SIZE, .height = END_SIZE});
		connect(draft, start, draft->node_of[scope->start->number], EDGE_NEXT, NULL);
	}
	for (int i = 0; i < scope->state_count; i++)
	{
		graph_each_edge(&draft->drawing, scope->states[i], add_edge);
		if (end >= 0 && graph_is_end(scope->states[i]))
			connect(draft, draft->node_of[scope->states[i]->number], end, EDGE_NEXT, NULL);
	}
	return true;
}

/* ---- ranks ---- */

typedef enum Colour
{
	UNSEEN,
	OPEN,
	DONE
} Colour;

/* Turns the edges that lead back, found by a walk from the first node, with a stack of our own: machines may be long. */
static void
turn_back_edges(Level *level)
{
	Colour *colour = palloc0(sizeof(Colour) * level->node_count);
	int *stack = palloc(sizeof(int) * level->node_count);
	int *next = palloc0(sizeof(int) * level->node_count); /* the edge to look at next */
	int **out = palloc0(sizeof(int *) * level->node_count);
	int *out_count = palloc0(sizeof(int) * level->node_count);

	for (int e = 0; e < level->edge_count; e++)
		out_count[level->edges[e].way[0]]++;
	for (int n = 0; n < level->node_count; n++)
	{
		out[n] = palloc(sizeof(int) * (out_count[n] + 1));
		out_count[n] = 0;
	}
	for (int e = 0; e < level->edge_count; e++)
		out[level->edges[e].way[0]][out_count[level->edges[e].way[0]]++] = e;

	for (int root = 0; root < level->node_count; root++)
	{
		int depth = 0;

		if (colour[root] != UNSEEN)
			continue;
		colour[root] = OPEN;
		stack[depth++] = root;
		while (depth > 0)
		{
			int node = stack[depth - 1];
			LayoutEdge *edge;

			if (next[node] == out_count[node])
			{
				colour[node] = DONE;
				depth--;
				continue;
			}
			edge = &level->edges[out[node][next[node]++]];
			if (colour[edge->way[1]] == OPEN)
				edge->is_reversed = true;
			else if (colour[edge->way[1]] == UNSEEN)
			{
				colour[edge->way[1]] = OPEN;
				stack[depth++] = edge->way[1];
			}
		}
	}
	for (int e = 0; e < level->edge_count; e++)
		if (level->edges[e].is_reversed)
		{
			int upper = level->edges[e].way[1];

			level->edges[e].way[1] = level->edges[e].way[0];
			level->edges[e].way[0] = upper;
		}
}

static bool
is_loop(const LayoutEdge *edge)
{
	return edge->way[0] == edge->way[1];
}

/* Room for the label lies on a rank between the two. */
static int
least_length(const LayoutEdge *edge)
{
	return edge->label != NULL ? 2 : 1;
}

/* The longest way from above; the edges have no cycles by now, so each round settles at least one rank. */
static void
set_ranks(Level *level)
{
	int *waits = palloc0(sizeof(int) * level->node_count);
	int *queue = palloc(sizeof(int) * level->node_count);
	int head = 0;
	int tail = 0;

	for (int e = 0; e < level->edge_count; e++)
		if (!is_loop(&level->edges[e]))
			waits[level->edges[e].way[1]]++;
	for (int n = 0; n < level->node_count; n++)
		if (waits[n] == 0)
			queue[tail++] = n;
	while (head < tail)
	{
		int node = queue[head++];

		for (int e = 0; e < level->edge_count; e++)
		{
			LayoutEdge *edge = &level->edges[e];
			LayoutNode *target = &level->nodes[edge->way[1]];

			if (is_loop(edge) || edge->way[0] != node)
				continue;
			target->rank = Max(target->rank, level->nodes[node].rank + least_length(edge));
			if (--waits[edge->way[1]] == 0)
				queue[tail++] = edge->way[1];
		}
	}
}

/* Nodes for an edge to pass through the ranks between its ends; its label is at the first of them. */
static bool
lead_through(LevelDraft *draft, int index)
{
	LayoutEdge edge = draft->level->edges[index];
	int upper = edge.way[0];
	int lower = edge.way[1];
	int first = draft->level->nodes[upper].rank;
	int between = draft->level->nodes[lower].rank - first - 1;
	int *way;

	if (is_loop(&edge) || between <= 0)
		return true;
	if (draft->level->node_count + between > MAX_NODES)
		return false;
	way = palloc(sizeof(int) * (between + 2));
	way[0] = upper;
	for (int i = 0; i < between; i++)
	{
		LayoutNode node = {.rank = first + 1 + i, .width = 2, .height = 2};

		if (i == (edge.is_reversed ? between - 1 : 0) && edge.label != NULL)
		{
			node.label = edge.label;
			node.width = layout_text_length(edge.label) * LAYOUT_SMALL + 10;
			node.height = 16;
		}
		way[i + 1] = add_node(draft, node);
	}
	way[between + 1] = lower;
	draft->level->edges[index].way = way;
	draft->level->edges[index].way_count = between + 2;
	return true;
}

/* ---- order within the ranks ---- */

static void
order_begin(LevelDraft *draft)
{
	Level *level = draft->level;
	int *fill;

	for (int n = 0; n < level->node_count; n++)
		draft->level->rank_count = Max(draft->level->rank_count, level->nodes[n].rank + 1);
	draft->rank_start = palloc0(sizeof(int) * (draft->level->rank_count + 1));
	draft->order = palloc(sizeof(int) * level->node_count);
	draft->place = palloc(sizeof(int) * level->node_count);
	draft->wish = palloc0(sizeof(double) * level->node_count);
	for (int n = 0; n < level->node_count; n++)
		draft->rank_start[level->nodes[n].rank + 1]++;
	for (int r = 0; r < draft->level->rank_count; r++)
		draft->rank_start[r + 1] += draft->rank_start[r];
	fill = palloc(sizeof(int) * draft->level->rank_count);
	memcpy(fill, draft->rank_start, sizeof(int) * draft->level->rank_count);
	for (int n = 0; n < level->node_count; n++)
	{
		draft->place[n] = fill[level->nodes[n].rank] - draft->rank_start[level->nodes[n].rank];
		draft->order[fill[level->nodes[n].rank]++] = n;
	}
}

/* Each node wishes to be at the mean of those that it is joined to: above, below, or both; *joined: to how many. */
static void
wish_for(LevelDraft *draft, bool above, bool below, const double *at, int *joined)
{
	Level *level = draft->level;

	memset(draft->wish, 0, sizeof(double) * level->node_count);
	memset(joined, 0, sizeof(int) * level->node_count);
	for (int e = 0; e < level->edge_count; e++)
	{
		const LayoutEdge *edge = &level->edges[e];

		for (int i = 0; !is_loop(edge) && i + 1 < edge->way_count; i++)
		{
			int upper = edge->way[i];
			int lower = edge->way[i + 1];

			if (above)
			{
				draft->wish[lower] += at[upper];
				joined[lower]++;
			}
			if (below)
			{
				draft->wish[upper] += at[lower];
				joined[upper]++;
			}
		}
	}
	for (int n = 0; n < level->node_count; n++)
		draft->wish[n] = joined[n] > 0 ? draft->wish[n] / joined[n] : at[n];
}

static void
sort_rank(LevelDraft *draft, int rank)
{
	int start = draft->rank_start[rank];
	int count = draft->rank_start[rank + 1] - start;
	int *order = draft->order + start;

	for (int i = 1; i < count; i++)
	{
		int node = order[i];
		int j = i;

		for (; j > 0 && draft->wish[order[j - 1]] > draft->wish[node]; j--)
			order[j] = order[j - 1];
		order[j] = node;
	}
	for (int i = 0; i < count; i++)
		draft->place[order[i]] = i;
}

static void
set_order(LevelDraft *draft)
{
	Level *level = draft->level;
	double *at = palloc(sizeof(double) * level->node_count);
	int *joined = palloc(sizeof(int) * level->node_count);

	for (int sweep = 0; sweep < SWEEPS; sweep++)
	{
		bool is_down = sweep % 2 == 0;

		for (int i = 1; i < draft->level->rank_count; i++)
		{
			int rank = is_down ? i : draft->level->rank_count - 1 - i;

			SFN_CHECK_INTERRUPTS();
			if (draft->rank_start[rank + 1] - draft->rank_start[rank] < 2)
				continue;
			for (int n = 0; n < level->node_count; n++)
				at[n] = draft->place[n];
			wish_for(draft, is_down, !is_down, at, joined);
			sort_rank(draft, rank);
		}
	}
}

/* ---- places ---- */

static double
gap_between(const LayoutNode *left, const LayoutNode *right)
{
	bool are_boxes = left->state != NULL && right->state != NULL;

	return (left->width + right->width) / 2 + (are_boxes ? NODE_GAP : LINE_GAP);
}

/* Nearest to what is wished, by least squares, in their order and with the gaps: neighbours that would collide pool. */
static void
place_rank(LevelDraft *draft, int rank)
{
	LayoutNode *nodes = draft->level->nodes;
	int *order = draft->order + draft->rank_start[rank];
	int count = draft->rank_start[rank + 1] - draft->rank_start[rank];
	double *offset = palloc(sizeof(double) * count);
	double *sum = palloc(sizeof(double) * count);
	int *size = palloc(sizeof(int) * count);
	int pools = 0;
	int i = 0;

	for (int n = 0; n < count; n++)
	{
		offset[n] = n == 0 ? 0 : offset[n - 1] + gap_between(&nodes[order[n - 1]], &nodes[order[n]]);
		sum[pools] = draft->wish[order[n]] - offset[n];
		size[pools++] = 1;
		while (pools > 1 && sum[pools - 2] / size[pools - 2] > sum[pools - 1] / size[pools - 1])
		{
			sum[pools - 2] += sum[pools - 1];
			size[pools - 2] += size[pools - 1];
			pools--;
		}
	}
	for (int pool = 0; pool < pools; pool++)
		for (int n = 0; n < size[pool]; n++, i++)
			nodes[order[i]].x = sum[pool] / size[pool] + offset[i];
	pfree(offset);
	pfree(sum);
	pfree(size);
}

static void
place_across(LevelDraft *draft)
{
	Level *level = draft->level;
	double *at = palloc0(sizeof(double) * level->node_count);
	int *joined = palloc(sizeof(int) * level->node_count);
	double left = 0;
	double right = 0;

	for (int round = 0; round <= ROUNDS; round++)
	{
		SFN_CHECK_INTERRUPTS();
		for (int n = 0; n < level->node_count; n++)
			at[n] = level->nodes[n].x;
		wish_for(draft, round == 0 || round % 2 == 1, round > 0, at, joined);
		for (int rank = 0; rank < draft->level->rank_count; rank++)
			place_rank(draft, rank);
	}
	for (int n = 0; n < level->node_count; n++)
	{
		left = n == 0 ? level->nodes[n].x - level->nodes[n].width / 2
					  : Min(left, level->nodes[n].x - level->nodes[n].width / 2);
		right = n == 0 ? level->nodes[n].x + level->nodes[n].width / 2
					   : Max(right, level->nodes[n].x + level->nodes[n].width / 2);
	}
	for (int n = 0; n < level->node_count; n++)
		level->nodes[n].x -= left;
	level->width = right - left;
}

static void
place_down(LevelDraft *draft)
{
	Level *level = draft->level;
	double y = 0;

	level->rank_top = palloc(sizeof(double) * level->rank_count);
	level->rank_bottom = palloc(sizeof(double) * level->rank_count);
	for (int rank = 0; rank < level->rank_count; rank++)
	{
		double height = 0;

		for (int i = draft->rank_start[rank]; i < draft->rank_start[rank + 1]; i++)
			height = Max(height, level->nodes[draft->order[i]].height);
		for (int i = draft->rank_start[rank]; i < draft->rank_start[rank + 1]; i++)
		{
			LayoutNode *node = &level->nodes[draft->order[i]];

			node->y = y + (height - node->height) / 2;
		}
		level->rank_top[rank] = y;
		level->rank_bottom[rank] = y + height;
		y += height + RANK_GAP;
	}
	level->height = Max(y - RANK_GAP, 0);
}

static Level *
layout_scope(Drawing *drawing, const AslScope *scope)
{
	LevelDraft draft = {.drawing = *drawing, .node_room = 16, .edge_room = 16};
	Level *level = draft.level = palloc0(sizeof(Level));
	int edges;

	SFN_CHECK_INTERRUPTS();
	level->nodes = palloc(sizeof(LayoutNode) * draft.node_room);
	level->edges = palloc(sizeof(LayoutEdge) * draft.edge_room);
	draft.node_of = palloc(sizeof(int) * drawing->machine->state_count);
	if (!collect(&draft, scope))
		return NULL;
	turn_back_edges(level);
	set_ranks(level);
	edges = level->edge_count;
	for (int e = 0; e < edges; e++)
		if (!lead_through(&draft, e))
			return NULL;
	order_begin(&draft);
	set_order(&draft);
	place_across(&draft);
	place_down(&draft);
	return level;
}

Level *
layout_machine(Drawing *drawing)
{
	return drawing->machine->state_count > MAX_NODES ? NULL : layout_scope(drawing, &drawing->machine->top);
}
