using System.Runtime.InteropServices;
using Apache.Arrow;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;
using StreamLearn.Formats;
using StreamLearn.Tables;
using ArrowField = Apache.Arrow.Field;
using ArrowUnit = Apache.Arrow.Types.TimeUnit;

namespace Tool.Tests;

/// <summary>What a look at files of Arrow finds, and the rows that are read. The golden is of npm's apache-arrow
/// (goldens/make.mjs).</summary>
public sealed class OwnArrowTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    internal static string Golden(string name) => Path.Join(AppContext.BaseDirectory, "goldens", name);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("recording.arrow", 4)]
    [InlineData("recording.arrows", 1)]
    public void The_schema_of_another_tool_says_what_the_columns_are(string name, int devices)
    {
        var look = FirstLook.At(new() { Arrow = Golden(name) });

        Assert.Equal("acc x float32? [gn]; acc y float32? [gn]; acc z float32? [gn]",
            string.Join("; ", look.Channels.Select(c => c.Field)));
        Assert.Equal(("activity", "person", 25.0), (look.Label, look.Device, look.Rate));
        Assert.Equal(["rest", "shake"], look.Classes);
        Assert.Equal(devices, look.Devices.Length);
        Assert.Empty(look.Missing);
        Assert.Contains("time      'recorded': timestamp[ms]", look.Reasons);
        Assert.Contains("left out  'worn': true or false, not a number", look.Reasons);
        Assert.Contains("left out  'spots': list<item float32>, neither numbers nor strings", look.Reasons);
        Assert.Contains("left out  'raw': binary, neither numbers nor strings", look.Reasons);
        Assert.StartsWith("--arrow ", look.Options, StringComparison.Ordinal);
        Assert.EndsWith(" --label activity --device person", look.Options, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_of_another_tool_are_read_with_their_missing_values()
    {
        var rows = OwnRows.Read(FirstLook.At(new() { Arrow = Golden("recording.arrow") }));

        Assert.Equal(["ann", "bob", "cem", "dia"], rows.Devices.Select(static d => d.Name));
        Assert.All(rows.Devices, static d =>
        {
            Assert.Equal([new OwnPart(0, 400)], d.Parts);
            Assert.Equal(12, d.Labels.Count(static l => l < 0));
            Assert.Equal((0, 1), (d.Labels[50], d.Labels[150]));
            Assert.Equal((d.Values[49 * 3] + d.Values[51 * 3]) / 2, d.Values[50 * 3], 1e-6);
        });
        Assert.Equal(["4 rows with missing values were filled in"], rows.Notes);
    }

    [Fact]
    public void The_same_rows_in_CSV_are_the_same_devices()
    {
        var parts = OwnRows.Read(FirstLook.At(new() { Arrow = Golden("recording.arrow") }));
        List<string> lines = ["person,recorded,acc x [gn],acc y [gn],acc z [gn],activity"];
        foreach (var device in parts.Devices)
        {
            var c = parts.Columns;
            for (var row = 0; row < device.Labels.Length; row++)
            {
                lines.Add(FormattableString.Invariant($"{device.Name},2026-03-01T00:00:{row * 0.04:00.000}Z,{device.Values[row * 3]:R},")
                    + FormattableString.Invariant($"{device.Values[(row * 3) + 1]:R},{device.Values[(row * 3) + 2]:R},")
                    + (device.Labels[row] < 0 ? "" : c.Classes[device.Labels[row]]));
            }
        }

        File.WriteAllLines(_folder.File("rows.csv"), lines);
        var rows = OwnRows.Read(FirstLook.At(new() { Csv = _folder.File("rows.csv") }));

        Assert.Equal(parts.Columns.Channels.Select(static c => c.Field), rows.Columns.Channels.Select(static c => c.Field));
        Assert.Equal(parts.Devices.Select(static d => d.Values), rows.Devices.Select(static d => d.Values));
        Assert.Equal(parts.Devices.Select(static d => d.Labels), rows.Devices.Select(static d => d.Labels));
    }

    [Theory]
    [InlineData(ArrowUnit.Second, 1)]
    [InlineData(ArrowUnit.Millisecond, 1000)]
    [InlineData(ArrowUnit.Microsecond, 1_000_000)]
    [InlineData(ArrowUnit.Nanosecond, 1_000_000_000)]
    public void A_timestamp_of_any_unit_is_the_time(ArrowUnit unit, long second)
    {
        var path = Written("a.arrow", Times("when", new TimestampType(unit, (string?)null), r => r * second), Values("x"));

        var look = FirstLook.At(new() { Arrow = path });

        Assert.Equal(("when", 1.0), (look.Time?.Source, look.Rate));
    }

    [Fact]
    public void Of_several_timestamps_the_one_of_such_a_name_is_taken_and_numbers_can_be_times_too()
    {
        var two = FirstLook.At(new()
        {
            Arrow = Written("two.arrow", Times("sent", Seconds, static r => r),
                Times("timestamp", Seconds, static r => 2 * r), Values("x")),
        });
        var number = FirstLook.At(new()
        {
            Arrow = Written("number.arrow", Times("time_ms", Int64Type.Default, static r => 20 * r), Values("x [m/s^2]")),
        });

        Assert.Equal(("timestamp", 0.5), (two.Time?.Source, two.Rate));
        Assert.Contains("left out  'sent': a second time", two.Reasons);
        Assert.Equal(("time_ms", 50.0), (number.Time?.Source, number.Rate));
        Assert.Equal("x float32? [m/s2]", $"{Assert.Single(number.Channels).Field}");
    }

    [Fact]
    public void Files_are_devices_and_named_parts_of_their_names_too()
    {
        foreach (var name in new[] { "p2", "p10" })
        {
            Written($"{name}.arrow", Times("t", Seconds, static r => r), Values("x"), Texts("label"));
        }

        var files = OwnRows.Read(FirstLook.At(new() { Arrow = _folder.File("*.arrow") }));
        var parts = OwnRows.Read(FirstLook.At(new() { Arrow = _folder.File("{who}.arrow") }));

        Assert.Equal((true, "who"), (files.Columns.FilePerDevice, parts.Columns.Device));
        Assert.Equal(["p10", "p2"], files.Devices.Select(static d => d.Name));
        Assert.Equal(files.Devices.Select(static d => d.Values), parts.Devices.Select(static d => d.Values));
        Assert.Equal([0, 1], files.Devices[0].Labels.Distinct().Select(static l => (int)l));
    }

    [Fact]
    public void What_is_wrong_with_a_file_is_one_line_with_its_path()
    {
        var good = Written("a.arrow", Times("t", Seconds, static r => r), Values("x"), Texts("label"));
        Written("b.arrow", Times("t", Seconds, static r => r), Values("y"), Texts("label"));
        var twice = Written("twice.arrow", Values("x"), Values("x"));
        var cut = _folder.File("cut.arrow");
        File.WriteAllBytes(cut, File.ReadAllBytes(good)[..^20]);
        var text = _folder.File("rows.csv");
        File.WriteAllText(text, "t,x\n0,1\n");

        Assert.Equal($"--arrow: {text} is text, not an Arrow file: use --csv", Refusal(text));
        Assert.StartsWith($"--arrow: {cut}: ", Refusal(cut), StringComparison.Ordinal);
        Assert.Equal($"--arrow: {twice}: two columns are named 'x'", Refusal(twice));
        Assert.StartsWith("--arrow: there is no file", Refusal(_folder.File("none.arrow")), StringComparison.Ordinal);
        var other = Assert.Throws<ProgramException>(() => OwnRows.Read(FirstLook.At(new() { Arrow = _folder.File("?.arrow") })));
        Assert.Equal($"--arrow: {_folder.File("b.arrow")}: expected a column 'x', got t, y, label", other.Message);
        var csv = Assert.Throws<ProgramException>(() => FirstLook.At(new() { Csv = good }));
        Assert.Equal((65, $"--csv: {good} is an Arrow file: use --arrow"), (csv.ExitCode, csv.Message));
    }

    [Fact]
    public void A_column_of_too_many_texts_is_left_out()
    {
        const int Rows = CsvSurvey.MaxTexts + 1;
        var look = FirstLook.At(new()
        {
            Arrow = Written("a.arrow", Of("time", Seconds, Rows, static r => (long)r),
                Of("x", FloatType.Default, Rows, static r => (float)r), TextsOf("id", Rows, static r => $"{r}")),
        });

        Assert.Contains("left out  'id': more than 10,000 different values", look.Reasons);
    }

    private string Refusal(string path) => Assert.Throws<ProgramException>(() => FirstLook.At(new() { Arrow = path })).Message;

    private static TimestampType Seconds { get; } = new(ArrowUnit.Second, (string?)null);

    private string Written(string name, params (ArrowField Field, IArrowArray Values)[] columns) => Write(_folder.File(name), columns);

    internal static string Write(string path, params (ArrowField Field, IArrowArray Values)[] columns)
    {
        using var stream = File.Create(path);
        var schema = new Apache.Arrow.Schema(columns.Select(static c => c.Field), null);
        using var writer = new ArrowFileWriter(stream, schema);
        writer.WriteRecordBatch(new(schema, columns.Select(static c => c.Values), columns[0].Values.Length));
        writer.WriteEnd();
        return stream.Name;
    }

    private static (ArrowField Field, IArrowArray Values) Times(string name, IArrowType type, Func<long, long> time) =>
        Of(name, type, 40, r => time(r));

    private static (ArrowField Field, IArrowArray Values) Values(string name) =>
        Of(name, DoubleType.Default, 40, static r => (r % 7) + 0.5);

    private static (ArrowField Field, IArrowArray Values) Texts(string name) => TextsOf(name, 40, static r => r < 20 ? "a" : "b");

    internal static (ArrowField Field, IArrowArray Values) TextsOf(string name, int rows, Func<int, string> text) =>
        (new(name, StringType.Default, nullable: true),
            new StringArray.Builder().AppendRange(Enumerable.Range(0, rows).Select(text)).Build());

    internal static (ArrowField Field, IArrowArray Values) Of<T>(string name, IArrowType type, int rows, Func<int, T> value)
        where T : unmanaged
    {
        T[] values = [.. Enumerable.Range(0, rows).Select(value)];
        ArrowBuffer[] buffers = [ArrowBuffer.Empty, new(MemoryMarshal.AsBytes(values.AsSpan()).ToArray())];
        return (new(name, type, nullable: true), ArrowArrayFactory.BuildArray(new(type, rows, 0, 0, buffers)));
    }
}
