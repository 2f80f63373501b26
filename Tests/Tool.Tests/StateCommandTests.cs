using System.Text.Json;
using StreamLearn;

namespace Tool.Tests;

/// <summary>What the program says of a checkpoint.</summary>
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
        Assert.Contains("per-key/1", output, StringComparison.Ordinal);
        Assert.Contains("edge/rows d0→per-key device", output, StringComparison.Ordinal);
        using var parsed = JsonDocument.Parse(json);
        Assert.Equal("pump", parsed.RootElement.GetProperty("pipeline").GetString());
        var parts = parsed.RootElement.GetProperty("parts").EnumerateArray().Select(p => p.GetProperty("name").GetString());
        Assert.Contains("state/per-key device", parts);
    }

    [Fact]
    public async Task What_is_damaged_or_none_is_refused_in_one_line()
    {
        Assert.Equal((1, "", $"streamlearn: '{_folder}' holds no checkpoint\n"), Run("state", _folder));
        Assert.Equal(1, Run("state", Path.Join(_folder, "absent")).ExitCode);
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

    private async Task SaveAsync()
    {
        var pipeline = Pipeline.Define("pump", p => p.Input<Batch>("rows").PerKey("device", static f => f).Discard());
        await using var run = pipeline.Start(new RunOptions { Checkpoints = new(_folder) }, TestContext.Current.CancellationToken);
        await run.StopAsync();
    }

    private static (int ExitCode, string Output, string Error) Run(params string[] arguments)
    {
        var (output, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
        var exitCode = CommandLine.Run(arguments, TextReader.Null, output, error);
        return (exitCode, output.ToString(), error.ToString());
    }
}
