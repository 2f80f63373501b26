using Apache.Arrow.Ipc;
using Apache.Arrow.Types;
using StreamLearn.Tables;

namespace Tool.Tests;

public sealed class OtherFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_file_without_a_column_is_said_in_the_look_and_refused_in_the_run_by_both_names()
    {
        Written("a.csv", "time_ms,x,y,label", "1.5,2.5");
        Written("b.csv", "time_ms,x,z,label", "1.5,2.5");

        var look = await ToolRun.RunAsync("look", "--csv", _folder.File("*.csv"));
        var run = await ToolRun.RunAsync("fit", "--csv", _folder.File("*.csv"), "--label", "label", "--alone");

        Assert.Equal((65, 65), (look.ExitCode, run.ExitCode));
        Assert.Contains("b.csv does not have 'y' and has 'z' besides, which is not used", look.Output, StringComparison.Ordinal);
        Assert.Contains("MISSING", look.Output, StringComparison.Ordinal);
        Assert.Equal($"streamlearn: --csv: {_folder.File("b.csv")} has no column 'y', as {_folder.File("a.csv")} has; "
            + "--ignore y drops columns that files lack", run.Error.TrimEnd());
        Assert.Empty(run.Output);
        Assert.Contains("To learn from it, use --ignore y to drop columns that files lack", look.Output, StringComparison.Ordinal);
        Assert.EndsWith(" --ignore y", look.Output.TrimEnd(), StringComparison.Ordinal);
        Assert.Empty(FirstLook.At(new() { Csv = _folder.File("*.csv"), Ignore = ["y"] }).Unfit);
    }

    [Theory]
    [InlineData("time_ms,x,y", "has no column 'label'")]
    [InlineData("x,y,label", "has no column 'time_ms'")]
    [InlineData("time_ms,x [g],y,label", "has column 'x' in g, not as")]
    public void A_file_without_label_or_time_or_in_another_unit_is_refused_before_rows_are_read(string head, string expected)
    {
        Written("a.csv", "time_ms,x,y,label", "1.5,2.5");
        File.WriteAllLines(_folder.File("b.csv"), [head, string.Join(',', head.Split(',').Select(static _ => "1"))]);

        var look = FirstLook.At(new() { Csv = _folder.File("*.csv"), Label = "label" });

        Assert.Contains(expected, Assert.Single(look.Unfit), StringComparison.Ordinal);
        Assert.Equal(expected.Contains("'x'", StringComparison.Ordinal) ? "--ignore x" : null, look.IgnoreOption);
        var refused = Assert.Throws<ProgramException>(() => OwnRows.Complete(look));
        Assert.Equal(65, refused.ExitCode);
        Assert.StartsWith($"--csv: {_folder.File("b.csv")} ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void More_columns_in_another_order_are_said_and_read()
    {
        Written("a.csv", "time_ms,x,y,label", "1.5,2.5");
        Written("b.csv", "time_ms,y,x,more,\"and, more\",label", "2.5,1.5,3,4");

        var look = FirstLook.At(new() { Csv = _folder.File("*.csv") });

        Assert.Empty(look.Unfit);
        Assert.Contains($"noted     {_folder.File("b.csv")} has 'more', 'and, more' besides, which are not used, unlike the first file",
            look.Reasons);
        var rows = OwnRows.Read(OwnRows.Complete(look));
        Assert.Equal(rows.Devices[0].Values, rows.Devices[1].Values);
    }

    [Fact]
    public void Files_of_Arrow_are_compared_by_their_schemas()
    {
        File.WriteAllBytes(_folder.File("a.arrows"), Schema("time_ms", "x", "y"));
        File.WriteAllBytes(_folder.File("b.arrows"), Schema("time_ms", "x", "z"));

        var look = FirstLook.At(new() { Arrow = _folder.File("*.arrows"), RowsPerSecond = 50 });

        Assert.Equal([$"{_folder.File("b.arrows")} has no column 'y', as {_folder.File("a.arrows")} has"], look.Unfit);
    }

    private static byte[] Schema(params string[] names)
    {
        using var bytes = new MemoryStream();
        var fields = names.Select(static n => new Apache.Arrow.Field(n, FloatType.Default, nullable: true));
        using var writer = new ArrowStreamWriter(bytes, new(fields, null), leaveOpen: true);
        writer.WriteStart();
        writer.WriteEnd();
        return bytes.ToArray();
    }

    private void Written(string name, string head, string values) => File.WriteAllLines(_folder.File(name),
        [head, .. Enumerable.Range(0, 200).Select(r => $"{r * 20},{values},{(r < 100 ? "a" : "b")}")]);
}
