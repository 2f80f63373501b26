using StreamLearn;
using StreamLearn.Learning;

namespace Quickstart.Tests;

/// <summary>The guide of a fleet: its code is compiled, its pipelines are right, and the counters that it names are there.</summary>
public sealed class FleetGuideTests
{
    private static readonly string Root = FindRoot();

    [Fact]
    public async Task Its_code_is_compiled()
    {
        var compiled = Lines(await File.ReadAllTextAsync(
            Path.Combine(Root, "Tests/Quickstart.Tests/FleetGuideExamples.cs"), TestContext.Current.CancellationToken));
        var guide = await File.ReadAllTextAsync(Path.Combine(Root, "docs/fleet.md"), TestContext.Current.CancellationToken);

        var blocks = guide.Split("```csharp\n").Skip(1).Select(b => b.Split("```")[0]).ToList();

        Assert.Equal(2, blocks.Count);
        Assert.All(blocks, block => Assert.Contains(Lines(block), compiled, StringComparison.Ordinal));
    }

    [Fact]
    public void Its_pipelines_are_right()
    {
        var model = HarNetwork.Create(1);
        var transport = new InProcessTransport();

        var device = FleetGuideExamples.Device(new("mqtt://127.0.0.1"), model, start: 1).ToMermaid();
        var edge = FleetGuideExamples.Aggregator(transport, transport, model).ToMermaid();

        Assert.Contains("Receipt", device, StringComparison.Ordinal);
        Assert.Contains("Presence", edge, StringComparison.Ordinal);
    }

    /// <summary>The lines without indentation and without usings, as one text.</summary>
    private static string Lines(string text) => string.Join('\n', text.Split('\n').Select(l => l.Trim())
        .Where(l => l.Length > 0 && !l.StartsWith("using ", StringComparison.Ordinal)));

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "StreamLearn.sln"))) { folder = Path.GetDirectoryName(folder)!; }
        return folder;
    }
}
