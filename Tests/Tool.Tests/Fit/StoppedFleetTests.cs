namespace Tool.Tests;

public sealed class StoppedFleetTests
{
    /// <summary>The aggregator is stopped after the devices, and has run for longer.</summary>
    [Fact]
    public async Task The_aggregator_is_saved_as_it_is_once_its_devices_have_stopped()
    {
        using var folder = new TemporaryFolder();
        var run = new FleetSetting(recordings: null, devices: 3, seed: 42).RunOf("sl/stopped");
        SavedFleet.Make(folder.Path, [Pipelines.AggregatorName, .. run.Source.Devices]);
        var saved = new SavedFleet(folder.Path, "stopped", static () => { });
        using var interrupt = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => DataflowFleet.RunAsync(run, FleetLinks.InProcess(isSaved: true),
            record: null, DataflowFleet.Standstill, _ => interrupt.Cancel(), interrupt.Token, saved));

        Assert.All(run.Source.Devices, d => Assert.True(Checkpoint.Newest(folder.File(d))!.Elapsed < saved.SavedAt));
    }
}
