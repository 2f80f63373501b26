using Apache.Arrow;
using Apache.Arrow.Types;
using StreamLearn.Arrow;
using ArrowField = Apache.Arrow.Field;

namespace Tool.Tests;

public sealed class DecodeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tool-tests-").FullName;

    private static byte[] File2 => ArrowFiles.Bytes(ArrowForm.File, ArrowFiles.Pump(0, 3), ArrowFiles.Pump(3, 2));

    private static byte[] Others => ArrowFiles.Bytes(ArrowForm.Stream, ArrowFiles.Others());

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_table_has_the_columns_and_the_rows_with_their_batch() => Assert.Equal((0, """
        a file with a footer: 2 batches
        metadata: made by = tests
        column  type                missing  unit  metadata
        time    timestamp[ns, UTC]  never
        x       float32             may be   g     sensor=left
        note    utf8                may be

        batch  time                               x  note
            1  2024-01-01T00:00:00.000000000Z     0
            1  2024-01-01T00:00:00.002500000Z  0.25  -
            1  2024-01-01T00:00:00.005000000Z   0.5  note 2, "so"
            2  2024-01-01T00:00:00.007500000Z     -
            2  2024-01-01T00:00:00.010000000Z     1  -
        5 rows in 2 batches

        """, ""), Decode(File2));

    [Fact]
    public void Lines_of_JSON_have_null_for_what_is_missing() => Assert.Equal((0, """
        {"time":"2024-01-01T00:00:00.000000000Z","x":0,"note":""}
        {"time":"2024-01-01T00:00:00.002500000Z","x":0.25,"note":null}
        {"time":"2024-01-01T00:00:00.005000000Z","x":0.5,"note":"note 2, \"so\""}
        {"time":"2024-01-01T00:00:00.007500000Z","x":null,"note":""}
        {"time":"2024-01-01T00:00:00.010000000Z","x":1,"note":null}

        """, ""), Decode(File2, "--output", "jsonl"));

    [Fact]
    public void Of_comma_separated_lines_a_missing_value_is_empty_and_an_empty_text_is_in_quotes() => Assert.Equal((0, """"
        time,x,note
        2024-01-01T00:00:00.000000000Z,0,""
        2024-01-01T00:00:00.002500000Z,0.25,
        2024-01-01T00:00:00.005000000Z,0.5,"note 2, ""so"""

        """", ""), Decode(File2, "--output", "csv", "--rows", "3"));

    [Fact]
    public void All_kinds_have_a_text_in_JSON_and_the_second_of_a_name_a_number() => Assert.Equal((0, string.Concat(
        "{\"big\":18446744073709551615,\"half\":0.1,\"nan\":\"NaN\",\"inf\":\"-Infinity\",\"bytes\":\"00ff\",\"day\":\"2024-01-01\",",
        "\"day64\":\"2024-01-01\",\"clock\":\"01:01:01.000001\",\"local\":\"2024-01-01T00:00:00.005\",",
        "\"berlin\":\"2024-01-01T01:00:00+01:00\",\"fixed\":\"2023-12-31T18:30:00-05:30\",\"never\":\"9223372036854775807 s\",",
        "\"wait\":\"250 ms\",\"colour\":\"blue\",\"list\":[1,-2,3],\"n\":{\"a\":true,\"a#2\":null},\"day#2\":true}", "\n",
        "{\"big\":null,\"half\":null,\"nan\":null,\"inf\":null,\"bytes\":null,\"day\":null,\"day64\":null,\"clock\":null,\"local\":null,",
        "\"berlin\":null,\"fixed\":null,\"never\":null,\"wait\":null,\"colour\":null,\"list\":null,",
        "\"n\":{\"a\":false,\"a#2\":null},\"day#2\":null}\n"), ""), Decode(Others, "--output", "jsonl"));

    [Fact]
    public void All_kinds_have_a_text_between_commas() => Assert.Equal((0, string.Concat(
        "big,half,nan,inf,bytes,day,day64,clock,local,berlin,fixed,never,wait,colour,list,n,day#2\n",
        "18446744073709551615,0.1,NaN,-Infinity,00ff,2024-01-01,2024-01-01,01:01:01.000001,2024-01-01T00:00:00.005,",
        "2024-01-01T01:00:00+01:00,2023-12-31T18:30:00-05:30,9223372036854775807 s,250 ms,blue,",
        "\"[1,-2,3]\",\"{\"\"a\"\":true,\"\"a#2\"\":null}\",true", "\n",
        ",,,,,,,,,,,,,,,\"{\"\"a\"\":false,\"\"a#2\"\":null}\",", "\n"), ""), Decode(Others, "--output", "csv"));

    [Fact]
    public void A_table_is_as_wide_as_it_may_be_and_says_what_it_leaves_out()
    {
        var (_, output, _) = Decode(Others, "--width", "100");

        Assert.EndsWith("""

            batch       big  half  nan        inf  bytes   day        day64      clock      local      berlin
                1  1844674…   0.1  NaN  -Infinity  0x00ff  2024-01-…  2024-01-…  01:01:01…  2024-01-…  2024-01-…
                1         -     -    -          -  -       -          -          -          -          -
            (7 more columns)
            2 rows in 1 batch

            """, output, StringComparison.Ordinal);
        Assert.All(output.Split('\n'), line => Assert.InRange(line.Length, 0, 100));
        Assert.All(Decode(Others, "--width", "20").Output.Split('\n'), line => Assert.InRange(line.Length, 0, 20));
    }

    [Fact]
    public void The_columns_alone_are_shown_in_each_form()
    {
        Assert.Equal((0, """
            a stream
            metadata: made by = tests
            column  type                missing  unit  metadata
            time    timestamp[ns, UTC]  never
            x       float32             may be   g     sensor=left
            note    utf8                may be

            """, ""), Decode(ArrowFiles.Bytes(ArrowForm.Stream, ArrowFiles.Pump(0, 3)), "--schema"));
        Assert.Equal((0, """
            column,type,missing,unit,dictionary,metadata
            time,"timestamp[ns, UTC]",never,,,
            x,float32,may be,g,,sensor=left
            note,utf8,may be,,,

            """, ""), Decode(File2, "--schema", "--output", "csv"));
        Assert.Equal((0,
            """{"columns":[{"name":"time","type":"timestamp[ns, UTC]","nullable":false},"""
            + """{"name":"x","type":"float32","nullable":true,"unit":"g","metadata":[["unit","g"],["sensor","left"]]},"""
            + """{"name":"note","type":"utf8","nullable":true}],"metadata":[["made by","tests"]]}"""
            + "\n", ""), Decode(File2, "--schema", "--output", "jsonl"));
    }

    [Fact]
    public void A_missing_value_alone_in_its_line_is_a_row_of_CSV_and_names_that_are_there_twice_are_told_apart()
    {
        var one = ArrowFiles.Of(("x", new Int32Array.Builder().Append(1).AppendNull().Append(3).Build()));
        var two = ArrowFiles.Of(("x", new Int32Array.Builder().Append(1).Build()), ("x", new Int32Array.Builder().AppendNull().Build()));

        Assert.Equal((0, "x\n1\n\"\"\n3\n", ""), Decode(ArrowFiles.Bytes(ArrowForm.Stream, one), "--output", "csv"));
        Assert.Equal((0, "x,x#2\n1,\n", ""), Decode(ArrowFiles.Bytes(ArrowForm.Stream, two), "--output", "csv"));
    }

    [Theory]
    [InlineData("table")]
    [InlineData("jsonl")]
    [InlineData("csv")]
    public void No_text_steers_the_terminal(string form)
    {
        const string Evil = "\u001b[2J\u009b\u202ex\b";
        KeyValuePair<string, string>[] pair = [new(Evil, Evil)];
        var field = new ArrowField(Evil, StringType.Default, nullable: true, pair);
        var texts = new StringArray.Builder().Append(Evil).Build();
        ArrowBuffer[] buffers = [ArrowBuffer.Empty, new(new byte[] { 0, 0, 0, 0, 1, 0, 0, 0 })];
        var list = new ArrayData(new ListType(field), 1, 0, 0, buffers, [texts.Data]);
        var batch = new RecordBatch(new([field, new("list", list.DataType, nullable: true)], pair), [texts, new ListArray(list)], 1);
        foreach (var more in new string[][] { [], ["--schema"] })
        {
            var (exitCode, output, error) = Decode(ArrowFiles.Bytes(ArrowForm.Stream, batch), ["--output", form, .. more]);

            Assert.Equal((0, ""), (exitCode, error));
            Assert.Contains("\\u001b[2J\\u009b\\u202ex", output, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(output, c => (char.IsControl(c) && c != '\n') || c == '\u202e');
        }
    }

    [Fact]
    public void Standard_input_is_read_from_its_start_and_a_file_there_as_well()
    {
        var expected = Decode(File2, "--output", "csv");

        Assert.Equal(expected, Run(["-", "--output", "csv"], new MemoryStream(File2)));
        var stream = ArrowFiles.Bytes(ArrowForm.Stream, ArrowFiles.Pump(0, 3), ArrowFiles.Pump(3, 2));
        Assert.Equal(expected, Run(["-", "--output", "csv"], new MemoryStream(stream)));
    }

    [Fact]
    public void Of_a_large_file_a_table_reads_the_first_rows_and_lines_have_all()
    {
        var large = ArrowFiles.Bytes(ArrowForm.File, [.. Enumerable.Range(0, 100).Select(i => ArrowFiles.Pump(1000 * i, 1000))]);

        var lines = Decode(large, "--output", "jsonl").Output.Split('\n');
        Assert.Equal(100_001, lines.Length);
        Assert.Equal("""{"time":"2024-01-01T00:04:09.997500000Z","x":null,"note":""}""", lines[^2]);
        Assert.Equal(100_002, Decode(large, "--output", "csv").Output.Split('\n').Length);
        var table = Decode(large).Output.Split('\n');
        Assert.Equal((30, "the first 20 rows; --rows shows more"), (table.Length, table[^2]));
    }

    [Theory]
    [InlineData("--rows", "0")]
    [InlineData("--width", "19")]
    [InlineData("--message-mib", "0")]
    [InlineData("--output", "xml")]
    public void A_bad_command_line_is_exit_code_2(string option, string value)
    {
        var (exitCode, output, error) = Run(["x.arrow", option, value]);

        Assert.Equal((2, ""), (exitCode, output));
        Assert.Single(error.TrimEnd().Split('\n'));
        Assert.Equal(value == "0" && option == "--rows", error.Contains("; --schema shows only the columns", StringComparison.Ordinal));
        Assert.Equal(2, Run([]).ExitCode);
    }

    private (int ExitCode, string Output, string Error) Decode(byte[] bytes, params string[] more)
    {
        var path = Path.Combine(_folder, "run.arrow");
        File.WriteAllBytes(path, bytes);
        return Run([path, .. more]);
    }

    internal static (int ExitCode, string Output, string Error) Run(string[] arguments, Stream? source = null)
    {
        using StringWriter output = new() { NewLine = "\n" }, error = new() { NewLine = "\n" };
        var exitCode = CommandLine.Run(["decode", .. arguments], TextReader.Null, output, error, source: source);
        return (exitCode, output.ToString(), error.ToString());
    }
}
