using System.Diagnostics;
using System.Text;

namespace Tool.Tests;

public sealed class StateCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tool-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_checkpoint_is_printed_with_its_parts()
    {
        await SaveAsync();

        var (exitCode, output, error) = Run("state", _folder);
        var (_, fromFile, _) = Run("state", Path.Join(_folder, "checkpoint-000000000001"));
        var (_, json, _) = Run("state", _folder, "--json");

        Assert.Equal((0, ""), (exitCode, error));
        Assert.Equal(output, fromFile);
        Assert.StartsWith("checkpoint  1 of pipeline 'pump'\n", output, StringComparison.Ordinal);
        Assert.Contains("state/per-key device", output, StringComparison.Ordinal);
        Assert.Contains("per-key/2", output, StringComparison.Ordinal);
        Assert.Contains("edge/rows d0→per-key device", output, StringComparison.Ordinal);
        using var parsed = JsonDocument.Parse(json);
        Assert.Equal("pump", parsed.RootElement.GetProperty("pipeline").GetString());
        var parts = parsed.RootElement.GetProperty("parts").EnumerateArray().Select(p => p.GetProperty("name").GetString());
        Assert.Contains("state/per-key device", parts);
    }

    [Fact]
    public async Task What_is_damaged_or_none_is_refused_in_one_line()
    {
        Assert.Equal((1, "", $"streamlearn: '{_folder}' holds no checkpoint, nor does a folder below it\n"), Run("state", _folder));
        var absent = Path.Join(_folder, "absent");
        Assert.Equal((1, "", $"streamlearn: '{absent}': there is no such file or folder\n"), Run("state", absent));
        await SaveAsync();
        var file = Path.Join(_folder, "checkpoint-000000000001");
        var bytes = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        bytes[^40] ^= 1;
        await File.WriteAllBytesAsync(file, bytes, TestContext.Current.CancellationToken);

        var (exitCode, output, error) = Run("state", file);

        Assert.Equal((1, ""), (exitCode, output));
        Assert.Contains("damaged", error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task A_newest_checkpoint_that_is_damaged_is_named_beside_the_one_before()
    {
        await SaveAsync(count: 2);
        await File.WriteAllTextAsync(Path.Join(_folder, "checkpoint-000000000002"), "torn", TestContext.Current.CancellationToken);

        var (exitCode, output, error) = Run("state", _folder);

        Assert.Equal((1, $"streamlearn: '{_folder}': skipped checkpoint-000000000002: expected a checkpoint, got other bytes\n"),
            (exitCode, error));
        Assert.StartsWith("checkpoint  1 of pipeline 'pump'\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Folders_with_checkpoints_are_listed()
    {
        await SaveAsync("job/split");
        await SaveAsync("alone");
        Directory.CreateDirectory(Path.Join(_folder, "empty"));

        var (exitCode, output, error) = Run("state", _folder);

        Assert.Equal((0, ""), (exitCode, error));
        var lines = output.TrimEnd().Split('\n');
        Assert.StartsWith("folder ", lines[0], StringComparison.Ordinal);
        Assert.Matches(@"^alone +1 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} 00:00:.* pump$", lines[1]);
        Assert.Matches("^job/split +1 ", lines[2]);
        Assert.Equal(3, lines.Length);
        using var json = JsonDocument.Parse(Run("state", _folder, "--json").Output);
        Assert.Equal(["alone", "job/split"],
            json.RootElement.GetProperty("folders").EnumerateArray().Select(static f => f.GetProperty("folder").GetString()!));
        Assert.False(json.RootElement.TryGetProperty("parts", out _));

        await SaveAsync();
        var both = Run("state", _folder).Output;
        Assert.StartsWith("checkpoint  1 of pipeline 'pump'\n", both, StringComparison.Ordinal);
        Assert.EndsWith(output[output.IndexOf("job/split", StringComparison.Ordinal)..], both, StringComparison.Ordinal);
        await File.WriteAllTextAsync(
            Path.Join(_folder, "alone", "checkpoint-000000000001"), "torn", TestContext.Current.CancellationToken);
        (exitCode, output, error) = Run("state", _folder);
        Assert.Equal(1, exitCode);
        Assert.Contains("\njob/split  ", output, StringComparison.Ordinal);
        Assert.StartsWith($"streamlearn: no checkpoint in '{Path.Join(_folder, "alone")}' can be read. ", error, StringComparison.Ordinal);
    }

    /// <summary>Once with an output that always fails, and once with a pipe, which may hold all that is printed.</summary>
    [Theory]
    [InlineData("state")]
    [InlineData("answer")]
    public async Task When_nobody_reads_any_more_a_command_ends_and_blames_no_file(string command)
    {
        await SaveAsync();
        var rows = Path.Join(_folder, "rows.csv");
        await File.WriteAllLinesAsync(rows, ["a,b", .. Enumerable.Repeat("1,2", 50_000)], TestContext.Current.CancellationToken);
        string[] arguments = command == "state" ? ["state", _folder] : ["answer", "mlp:2-2", "--rows", rows, "--scores"];
        using var closing = new ClosingWriter();
        var error = new StringWriter();

        var exitCode = CommandLine.Run(arguments, TextReader.Null, closing, error);

        Assert.Equal((0, ""), (exitCode, error.ToString()));
        Assert.True(closing.HasFailed);
        var tool = Path.Combine(AppContext.BaseDirectory, "streamlearn-tool.dll");
        using var shell = Process.Start(new ProcessStartInfo(
            "bash", ["-c", "\"$@\" | true; echo ${PIPESTATUS[0]}", "bash", "dotnet", tool, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Assert.Equal("0\n", await shell.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken));
        Assert.Equal("", await shell.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_full_disk_is_not_blamed_on_the_file_that_is_read()
    {
        await SaveAsync();
        using var full = new ClosingWriter(hresult: 28);

        Assert.Throws<IOException>(() => CommandLine.Run(["state", _folder], TextReader.Null, full, TextWriter.Null));
    }

    private async Task SaveAsync(string folder = "", int count = 1)
    {
        var pipeline = Pipeline.Define("pump", p => p.Input<Batch>("rows").PerKey("device", static f => f).Discard());
        var options = new RunOptions { Checkpoints = new(Path.Join(_folder, folder)) };
        await using var run = pipeline.Start(options, TestContext.Current.CancellationToken);
        for (; count > 1; count--) { await run.CheckpointAsync(); }
        await run.StopAsync();
    }

    /// <summary>An output that fails, by default as a pipe does that nobody reads.</summary>
    private sealed class ClosingWriter(int hresult = 32) : TextWriter
    {
        internal bool HasFailed { get; private set; }

        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value)
        {
            HasFailed = true;
            throw new IOException("Broken pipe", hresult);
        }
    }
}
