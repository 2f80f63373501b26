using System.CommandLine;
using Apache.Arrow;

namespace Tool;

internal static class DecodeCommand
{
    private const int RowsOfTable = 20;

    private const string Description = """
        Shows the columns and rows of Arrow IPC: of a file (.arrow, .feather), of a stream (.arrows), or of standard input. A file is read
        by its footer; a file without a footer, a stream and standard input are read from the start. Files of a few writers have no schema
        at the start: give the name of such a file. It reads one batch at a time, so memory does not grow with the file.

        table: the columns with type, unit and metadata, then the first rows, as wide as the terminal; '-' is a missing value. jsonl: an
        object a line; null is a missing value, NaN and infinities are texts, of two columns of a name the second is name#2. csv: a line of
        names, then a line for each row; a missing value is empty, an empty text is "". Timestamps are ISO 8601 with the offset of their
        zone, Z where that is UTC or not known here, and nothing where the file says no zone; durations have their unit; bytes are in
        hexadecimal; lists and structs are JSON. Control characters are written out, as \u001b; csv keeps tabs and ends of lines.

        Of a damaged file the part before the damage is shown. Standard error has the damaged message, its position and the reason.

        Examples:
          streamlearn decode run.arrow
          streamlearn decode run.arrow --schema
          streamlearn decode run.arrow --output jsonl | jq .temperature
          streamlearn decode run.arrows --output csv --rows 1000 > run.csv
          curl -s https://server/run.arrows | streamlearn decode - --rows 5

        Exit codes: 0 shown; 1 the file cannot be read, is damaged, or has lost its footer; 2 bad command line; 130 interrupted.
        """;

    internal static Command Create(Stream standard, TextWriter output, TextWriter error, int? columns)
    {
        Argument<string> file = new("file") { Description = $"A file or stream of Arrow; {Choices.StandardInput}: standard input." };
        var lines = Choices.Word(
            "--output", "table: for a person; jsonl: a JSON object a line; csv: comma-separated lines.", "table", "jsonl", "csv");
        var rows = Numbers.Count("--rows", $"Rows to show. Default: {RowsOfTable} as a table, otherwise all.",
            "; --schema shows only the columns");
        Option<bool> schema = new("--schema") { Description = "Show only the columns." };
        Option<int?> width = new("--width")
        {
            Description = "Width of a table in characters, 20 to 10000. Default: that of the terminal; without one, the width of the "
                + "table.",
            HelpName = "n",
        };
        width.Check(static text =>
            int.TryParse(text, out var n) && n is >= 20 and <= 10_000 ? null : $"expected 20 to 10000, got '{text}'");
        var message = Numbers.Of("--message-mib", "n", "Maximum MiB of a message, compressed and uncompressed;", 1, 1023, 256);
        var command = new Command("decode", Description) { file, lines, rows, schema, width, message };
        command.SetAction(result =>
        {
            var form = result.GetRequiredValue(lines);
            var most = result.GetValue(schema) ? 0 : result.GetValue(rows) ?? (form == "table" ? RowsOfTable : long.MaxValue);
            try
            {
                using var input = new ArrowInput(result.GetRequiredValue(file), standard, result.GetValue(message));
                return Run(input, form, most, result.GetValue(width) ?? columns, output, error);
            }
            catch (ArrowInputException problem)
            {
                return Refuse(problem.Message, error);
            }
        });
        return command;
    }

    private static int Run(ArrowInput input, string form, long most, int? width, TextWriter output, TextWriter error)
    {
        if (most == 0)
        {
            WriteSchema(input, form, width, output);
            return input.Blemish is { } missing ? Refuse(missing, error) : ExitCode.Done;
        }

        RowText text = form switch
        {
            "jsonl" => new RowObjects(input.Schema, output),
            "csv" => new RowCsv(input.Schema, output),
            _ => new RowTable(input.Schema, width, output),
        };
        if (text is RowTable)
        {
            WriteSchema(input, form, width, output);
            output.WriteLine();
        }

        string? problem = null;
        var (isCut, isEnd) = (false, false);
        while (!isCut && !isEnd && problem is null)
        {
            if (Next(input, ref problem) is not { } batch) { isEnd = true; }
            else
            {
                var before = text.Rows;
                text.Write(batch, input.Batches, most);
                isCut = text.Rows == most && (text.Rows - before < batch.Length || input.Count != input.Batches);
                isEnd = text.Rows == most;
            }
        }

        text.End(input, isCut);
        if (problem is not null)
        {
            return Refuse($"{problem}; before it: {ArrowSchemaText.Counted(text.Rows, "row", "rows")} in "
                + ArrowSchemaText.Counted(input.Batches, "batch", "batches"), error);
        }

        return input.Blemish is { } blemish ? Refuse(blemish, error) : ExitCode.Done;
    }

    /// <summary>Separates read errors, which are caused by the file, from write errors.</summary>
    private static RecordBatch? Next(ArrowInput input, ref string? problem)
    {
        try
        {
            return input.Read();
        }
        catch (ArrowInputException e)
        {
            problem = e.Message;
            return null;
        }
    }

    private static void WriteSchema(ArrowInput input, string form, int? width, TextWriter output)
    {
        switch (form)
        {
            case "jsonl":
                output.WriteLine(RowObjects.Line(json => ArrowSchemaText.WriteJson(json, input.Schema)));
                break;
            case "csv":
                ArrowSchemaText.WriteCsv(input.Schema, output);
                break;
            default:
                ArrowSchemaText.Write(input, width, output);
                break;
        }
    }

    private static int Refuse(string message, TextWriter error)
    {
        error.WriteLine($"streamlearn: {Tapped.Plain(message)}");
        return ExitCode.Refused;
    }
}
