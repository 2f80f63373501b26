namespace StreamLearn.Mqtt.Tests;

/// <summary>The READMEs' code is the code that <see cref="ReadmeExamples"/> compiles, its pipelines are right, and settings are complete.</summary>
public sealed class ReadmeTests
{
    private static readonly string Root = FindRoot();

    [Theory]
    [InlineData("README.md", "MqttTransport", 1)]
    [InlineData("Connectors/StreamLearn.Mqtt/README.md", "Pipeline.Define", 3)]
    public async Task Code_is_compiled(string readme, string about, int blocks)
    {
        var examples = Path.Combine(Root, "Tests/StreamLearn.Mqtt.Tests/Readme/ReadmeExamples.cs");
        var compiled = (await File.ReadAllLinesAsync(examples, TestContext.Current.CancellationToken))
            .Select(l => l.Trim()).Where(l => l.Length > 0).ToArray();
        var text = await File.ReadAllTextAsync(Path.Combine(Root, readme), TestContext.Current.CancellationToken);

        var found = text.Split("```csharp\n").Skip(1).Select(b => b.Split("```")[0]).Where(b => b.Contains(about, StringComparison.Ordinal)).ToList();

        Assert.Equal(blocks, found.Count);
        Assert.All(found, block => Assert.True(Contains(compiled, Lines(block)), $"not in ReadmeExamples.cs as it stands:\n{block}"));
    }

    [Fact]
    public async Task The_pipelines_are_right()
    {
        await using var server = new InProcessTransport();

        Assert.Contains("answers", ReadmeExamples.Third(server).ToMermaid(), StringComparison.Ordinal);
        Assert.Contains("connections", ReadmeExamples.Fourth(server).ToMermaid(), StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ReadmeExamples.FirstAsync(new(canceled: true)));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ReadmeExamples.SecondAsync(new(canceled: true)));
    }

    [Fact]
    public async Task Every_setting_and_every_instrument_is_explained()
    {
        var text = await File.ReadAllTextAsync(
            Path.Combine(Root, "Connectors/StreamLearn.Mqtt/README.md"), TestContext.Current.CancellationToken);

        Assert.All(typeof(MqttOptions).GetProperties().Where(p => p.DeclaringType == typeof(MqttOptions) && p.CanWrite),
            p => Assert.Contains($"`{p.Name}`", text, StringComparison.Ordinal));
        Assert.All(typeof(SubscribeOptions).GetProperties().Where(p => p.CanWrite && p.Name != nameof(SubscribeOptions.Level)),
            p => Assert.Contains($"`{p.Name}`", text, StringComparison.Ordinal));
        var instruments = await File.ReadAllTextAsync(
            Path.Combine(Root, "Connectors/StreamLearn.Mqtt/Instruments.cs"), TestContext.Current.CancellationToken);
        Assert.All(instruments.Split("\"streamlearn.mqtt").Skip(1).Select(p => p.Split('"')[0]),
            name => Assert.Contains($"{name}`", text, StringComparison.Ordinal));
    }

    private static string[] Lines(string block) =>
        [.. block.Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0 && !l.StartsWith("using ", StringComparison.Ordinal))];

    private static bool Contains(string[] compiled, string[] lines) => Enumerable.Range(0, compiled.Length)
        .Any(at => at + lines.Length <= compiled.Length && compiled.AsSpan(at, lines.Length).SequenceEqual(lines));

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "StreamLearn.sln"))) { folder = Path.GetDirectoryName(folder)!; }
        return folder;
    }
}
