using StreamLearn.Tables;
using StreamLearn.Testing;

namespace StreamLearn.Programs.Tests;

public sealed class StateFolderTests
{
    [Fact]
    public async Task A_state_of_other_blocks_is_refused_before_anything_is_said_of_it()
    {
        using var folder = new TemporaryFolder();
        var said = new List<string>();
        var state = new StateFolder(new(folder.Path), "plant", said.Add);
        await using (var run = state.Start(Edge("rows"), new()))
        {
            await run.CheckpointAsync();
        }

        var refused = Assert.Throws<StateFolderException>(() => state.Start(Edge("others"), new(), anew: ["others", "no such block"]));

        Assert.Equal(ProgramExit.DiskFailed, refused.ExitCode);
        Assert.DoesNotContain("Parameter", refused.Message, StringComparison.Ordinal);
        Assert.Empty(said);
    }

    private static Pipeline Edge(string name) =>
        Pipeline.Define("edge", p => p.Input<Batch>(name).ForEach($"take {name}", static _ => { }));
}
