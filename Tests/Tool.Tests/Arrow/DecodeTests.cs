using StreamLearn.Arrow;

namespace Tool.Tests;

/// <summary>What is in streams and files of Arrow, in each form.</summary>
public sealed class DecodeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tool-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_table_has_the_columns_and_the_rows_with_their_batch()
    {
        var (exitCode, output, error) = Decode(ArrowFiles.Bytes(ArrowForm.File, ArrowFiles.Pump(0, 3), ArrowFiles.Pump(3, 2)));

        Assert.Equal((0, ""), (exitCode, error));
        Assert.Equal("""
            X
            """, output);
    }

    [Fact]
    public void Lines_of_JSON_have_null_for_what_is_missing()
    {
        Assert.Equal((0, """
            X

            """, ""), Decode(ArrowFiles.Bytes(ArrowForm.Stream, ArrowFiles.Pump(0, 3), ArrowFiles.Pump(3, 2)), "--output", "jsonl"));
        Assert.Equal("", Decode(ArrowFiles.Bytes(ArrowForm.Stream, ArrowFiles.Others()), "--output", "jsonl").Output);
        Assert.Equal("", Decode(ArrowFiles.Bytes(ArrowForm.Stream, ArrowFiles.Others()), "--output", "csv").Output);
        Assert.Equal("", Decode(ArrowFiles.Bytes(ArrowForm.Stream, ArrowFiles.Others()), "--width", "100").Output);
        Assert.Equal("", Decode(ArrowFiles.Bytes(ArrowForm.Stream, ArrowFiles.Others()), "--width", "100", "--schema").Output);
    }

    private (int ExitCode, string Output, string Error) Decode(byte[] bytes, params string[] more)
    {
        var path = Path.Combine(_folder, "run.arrow");
        File.WriteAllBytes(path, bytes);
        var (exitCode, output, error) = Run([path, .. more]);
        return (exitCode, output, error.Replace(path, "run.arrow", StringComparison.Ordinal));
    }

    private static (int ExitCode, string Output, string Error) Run(string[] arguments, Stream? source = null)
    {
        using StringWriter output = new() { NewLine = "\n" }, error = new() { NewLine = "\n" };
        var exitCode = CommandLine.Run(["decode", .. arguments], TextReader.Null, output, error, source: source);
        return (exitCode, output.ToString(), error.ToString());
    }
}
