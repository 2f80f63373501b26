using System.Diagnostics;
using System.Text;
using StreamLearn.Arrow;

namespace Tool.Tests;

public sealed class BrokenArrowTests : IDisposable
{
    private const string NoFooter = "without a footer: expected the Arrow magic bytes at the end of the file, got other bytes: "
        + "the file is cut short";
    private const string Head = "time,x,note\n";
    private const string FirstBatch =
        "2024-01-01T00:00:00.000000000Z,0,\"\"\n2024-01-01T00:00:00.002500000Z,0.25,\n"
        + "2024-01-01T00:00:00.005000000Z,0.5,\"note 2, \"\"so\"\"\"\n";

    private const string SecondBatch = "2024-01-01T00:00:00.007500000Z,,\"\"\n2024-01-01T00:00:00.010000000Z,1,\n";

    private readonly string _folder = Directory.CreateTempSubdirectory("tool-tests-").FullName;

    private static byte[] Whole => ArrowFiles.Bytes(ArrowForm.File, ArrowFiles.Pump(0, 3), ArrowFiles.Pump(3, 2));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_file_without_its_footer_is_read_from_its_start() => Assert.Equal(
        (1, Head + FirstBatch + SecondBatch, $"streamlearn: 'run.arrow': read from its start, {NoFooter}\n"), Decode(Whole[..^20]));

    [Fact]
    public void A_cut_inside_a_message_is_told_with_its_place() => Assert.Equal(
        (1, Head + FirstBatch, "streamlearn: 'run.arrow': message 3 at byte 888: expected a whole message, got the end of the bytes: cut "
            + $"short (read from its start, {NoFooter}); before it: 3 rows in 1 batch\n"), Decode(Whole[..^700]));

    [Fact]
    public void A_cut_stream_from_standard_input_is_shown_up_to_the_cut() => Assert.Equal(
        (1, Head + FirstBatch, "streamlearn: standard input: message 3 at byte 888: expected a whole message, got the end of the bytes: "
            + "cut short; before it: 3 rows in 1 batch\n"),
        DecodeTests.Run(["-", "--output", "csv"], new MemoryStream(Whole[..^700])));

    [Fact]
    public void Damage_inside_a_file_ends_the_rows_with_its_place()
    {
        var bytes = Whole;
        bytes.AsSpan(896, 4).Fill(0xff);       // where the metadata of the second batch begins

        var (exitCode, output, error) = Decode(bytes);

        Assert.Equal((1, Head + FirstBatch), (exitCode, output));
        Assert.StartsWith("streamlearn: 'run.arrow': message 2 at byte 888: expected ", error, StringComparison.Ordinal);
        Assert.EndsWith("; before it: 3 rows in 1 batch\n", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_cut_and_every_damaged_byte_ends_in_one_line_or_in_rows()
    {
        var whole = ArrowFiles.Bytes(ArrowForm.Stream, ArrowFiles.Pump(0, 3));
        for (var i = 0; i < whole.Length; i++)
        {
            var damaged = whole.ToArray();
            damaged[i] ^= 0xff;
            foreach (var bytes in new[] { whole[..i], damaged })
            {
                var (exitCode, _, error) = DecodeTests.Run(["-", "--output", "jsonl"], new MemoryStream(bytes));
                Assert.True(exitCode == 0 || error.StartsWith("streamlearn: standard input: ", StringComparison.Ordinal));
                Assert.Equal(exitCode == 0, error.Length == 0);
                Assert.InRange(error.Count(c => c == '\n'), 0, 1);
            }
        }
    }

    [Theory]
    [InlineData("hello world", "this does not start like an Arrow file or stream")]
    [InlineData("PAR1 and more", "this is a Parquet file, not Arrow")]
    [InlineData("\u001f\u008b and more", "this is compressed by gzip: unpack it first, for example by gzip -dc")]
    [InlineData("", "message 1 at byte 0: expected a schema, got nothing")]
    public void What_is_not_Arrow_is_told_in_a_line(string text, string what) =>
        Assert.Equal((1, "", $"streamlearn: 'run.arrow': {what}\n"), Decode(Encoding.Latin1.GetBytes(text)));

    /// <summary>Some writers put the schema in the footer alone.</summary>
    [Fact]
    public void A_file_whose_schema_stands_in_its_footer_alone_is_read_by_its_name_and_whole()
    {
        var bytes = WithoutFirstSchema(Whole);

        Assert.Equal((0, Head + FirstBatch + SecondBatch, ""), Decode(bytes));
        Assert.Equal((1, "", "streamlearn: 'run.arrow' is cut short: the footer with its only schema is missing, so it "
            + "cannot be read\n"), Decode(bytes[..^20]));
        Assert.Equal((1, "", "streamlearn: standard input: the schema is only in the footer of this file: give the file name instead "
            + "of -\n"), DecodeTests.Run(["-", "--output", "csv"], new MemoryStream(bytes)));
    }

    [Fact]
    public void A_footer_that_is_refused_is_told_and_nothing_of_the_start()
    {
        var bytes = WithoutFirstSchema(Whole);
        bytes.AsSpan(bytes.Length - 10, 4).Clear();      // the length of the footer

        var (exitCode, output, error) = Decode(bytes);

        Assert.Equal((1, ""), (exitCode, output));
        Assert.StartsWith("streamlearn: 'run.arrow': expected a footer of 1 to ", error, StringComparison.Ordinal);
        Assert.DoesNotContain("from its start", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_and_a_missing_file_are_told_in_a_line()
    {
        Assert.Equal((1, "", $"streamlearn: '{_folder}': this is a folder\n"), DecodeTests.Run([_folder]));
        var nothing = Path.Combine(_folder, "nothing.arrow");
        Assert.Equal((1, "", $"streamlearn: '{nothing}': there is no such file\n"), DecodeTests.Run([nothing]));
    }

    [Fact]
    public async Task When_nobody_reads_any_more_it_ends()
    {
        var path = Path.Combine(_folder, "run.arrow");
        await File.WriteAllBytesAsync(path,
            ArrowFiles.Bytes(ArrowForm.File, [.. Enumerable.Range(0, 100).Select(i => ArrowFiles.Pump(1000 * i, 1000))]),
            TestContext.Current.CancellationToken);
        using var decode = Process.Start(new ProcessStartInfo(
            "dotnet", [Path.Combine(AppContext.BaseDirectory, "streamlearn-tool.dll"), "decode", path, "--output", "jsonl"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60), TimeProvider.System);
        try
        {
            Assert.Equal("""{"time":"2024-01-01T00:00:00.000000000Z","x":0,"note":""}""",
                await decode.StandardOutput.ReadLineAsync(patience.Token));
            decode.StandardOutput.Close();
            await decode.WaitForExitAsync(patience.Token);

            Assert.Equal((0, ""), (decode.ExitCode, await decode.StandardError.ReadToEndAsync(patience.Token)));
        }
        finally
        {
            if (!decode.HasExited) { decode.Kill(); }
        }
    }

    /// <summary>A file with the head of a batch where the schema stands after the mark; its batches stay where the footer says.</summary>
    private static byte[] WithoutFirstSchema(byte[] file)
    {
        const int Mark = 8, Prefix = 8;
        var schema = Prefix + BitConverter.ToInt32(file, Mark + 4);
        var batch = Mark + schema;
        var head = Prefix + BitConverter.ToInt32(file, batch + 4);
        return [.. file[..(Mark + Prefix)], .. file[(batch + Prefix)..(batch + head)], .. new byte[schema - head], .. file[batch..]];
    }

    private (int ExitCode, string Output, string Error) Decode(byte[] bytes)
    {
        var path = Path.Combine(_folder, "run.arrow");
        File.WriteAllBytes(path, bytes);
        var (exitCode, output, error) = DecodeTests.Run([path, "--output", "csv"]);
        return (exitCode, output, error.Replace(path, "run.arrow", StringComparison.Ordinal));
    }
}
