/*
 * sql_rows.h
 *	  The rows of a task's statement as JSON, taken one by one and no more than a result may have.
 */
#ifndef SFN_SERVICES_SQL_SQL_ROWS_H
#define SFN_SERVICES_SQL_SQL_ROWS_H

#include "postgres.h"

#include "executor/spi.h"

#include "json/json_value.h"

/* What a row becomes. */
typedef enum RowStyle
{
	ROW_AS_OBJECT,   /* {"column": value, ...} */
	ROW_FIRST_COLUMN /* its first column */
} RowStyle;

/*
 * Runs the plan; its rows are an array in the context, which is the current one afterwards.  The error
 * ERRCODE_SFN_RESULT_TOO_LARGE ends the statement as soon as they have more than sfn.max_payload_size bytes.
 * Returns SPI's result code; fills *row_count.
 */
extern int sql_rows_execute(SPIPlanPtr plan, ParamListInfo params, RowStyle style, MemoryContext context,
							const JsonVal **rows, uint64 *row_count);

/* The same error for a value that is too large as a whole. */
extern void sql_rows_check_size(const JsonVal *result);

#define ERRCODE_SFN_RESULT_TOO_LARGE MAKE_SQLSTATE('S', 'F', '0', '8', '0')

#endif /* SFN_SERVICES_SQL_SQL_ROWS_H */
