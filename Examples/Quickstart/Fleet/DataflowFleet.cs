using StreamLearn;

namespace Quickstart;

/// <summary>Runs the fleet in the dataflow host, as fast as it goes. Links are not emulated; a slow device waits after each of its
/// calls.</summary>
internal static class DataflowFleet
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan SampleEvery = TimeSpan.FromSeconds(5);

    /// <param name="fleetRun">The fleet.</param>
    /// <param name="links">How participants reach each other.</param>
    /// <param name="record">Where the run is recorded; null: nowhere.</param>
    /// <param name="patience">How long a run waits for a connection that some session lacks, if no update comes either.</param>
    /// <param name="look">Shows the fleet, from time to time.</param>
    /// <param name="cancellationToken">Ends the run; it is saved then.</param>
    /// <param name="saved">Where it is saved, and what it goes on from; null: nowhere, and nothing.</param>
    internal static async Task<RunningFleet> RunAsync(FleetRun fleetRun, FleetLinks links, FileInfo? record, TimeSpan patience,
        Action<RunningFleet> look, CancellationToken cancellationToken, SavedFleet? saved = null)
    {
        var watch = new FleetWatch();
        List<(string Name, EdgeLink Link)> opened = [];
        EdgeLink Open(string name)
        {
            opened.Add((name, links.Open(name)));
            return opened[^1].Link;
        }

        using var recording = record is null ? null : new Recording(record);
        using var recorder = recording is null ? null : new RunRecorder(recording.Writer);
        var run = new RunOptions { Seed = fleetRun.Seed, Pace = Pace.AsFastAsPossible, Recorder = recorder };
        var before = saved?.Before ?? TimeSpan.Zero;
        var (began, started) = (run.TimeProvider.GetUtcNow() - before, run.TimeProvider.GetTimestamp());
        List<RunEvent> events = [];
        List<Participant> devices = [];
        Participant Start(Pipeline pipeline, RunOptions options, IStateful state) =>
            saved?.Start(pipeline, options, state) ?? new(pipeline.Start(options, cancellationToken));

        using var listening = new CancellationTokenSource();
        Participant? aggregator = null;
        var listeners = Task.CompletedTask;
        RunningFleet fleet;
        try
        {
            using var held = links.Hold?.Invoke();       // until all have subscribed
            aggregator = Start(Pipelines.Aggregator(fleetRun, Open(Pipelines.AggregatorName), watch), run,
                new AggregatorWatch(watch, events, began));
            List<FleetMember> members = [];
            for (var i = 0; i < fleetRun.Source.Devices.Length; i++)
            {
                var name = fleetRun.Source.Devices[i];
                var speed = fleetRun.Scenario.ProfileOf(name, i, fleetRun.Seed).Device.Speed;
                var device = Start(Pipelines.Sensor(fleetRun, new(name, i, 0, TimeSpan.Zero), Open(name), watch),
                    run with { Slowdown = Math.Max(1, 1 / speed) }, new DeviceWatch(watch, name));
                devices.Add(device);
                members.Add(new(name, speed, () => [device.Metrics], () => device.Failure, () => StateOf(device, speed),
                    static () => null, static () => 0));
            }

            fleet = new(fleetRun.Mode, began, members, aggregator.Metrics, watch,
                () => before + run.TimeProvider.GetElapsedTime(started), IsVirtual: false, () => Calls(devices, aggregator))
            {
                UpdatesPerVersion = Pipelines.UpdatesPerVersion(fleetRun),
                RowsOfData = fleetRun.Source.Devices.Sum(fleetRun.Source.RowsOf),
                WallBefore = before,
                Events = events,
                Saved = saved,
            };
            listeners = Task.WhenAll(opened.SelectMany(l => ListenAsync(fleet, l.Name, l.Link, listening.Token)));
            held?.Dispose();
            await FinishAsync(fleet, devices, aggregator, patience, () => Look(fleet, devices, aggregator, look), run.TimeProvider,
                cancellationToken).ConfigureAwait(false);
            var end = fleet.Elapsed();
            fleet.Connections.End(end);
            FleetEvents.Sample(fleet, end);
            look(fleet);
            fleet.LostThroughServer = RunFacts.UpdatesLost(fleet);
            fleet.CutOff = CutOff.Of(fleet, end).Ended(fleet);
        }
        catch (OperationCanceledException) when (saved is not null && aggregator is not null)
        {
            using var held = links.Hold?.Invoke();      // what one of them sends now, another may not take any more
            await saved.StopAsync([.. devices, aggregator]).ConfigureAwait(false);
            throw;
        }
        finally
        {
            foreach (var participant in devices.Append(aggregator)) { await DisposeAsync(participant).ConfigureAwait(false); }
            await listening.CancelAsync().ConfigureAwait(false);
            await listeners.ConfigureAwait(false);
            await Task.WhenAll(opened.Select(l => l.Link.DisposeAsync().AsTask())).ConfigureAwait(false);
        }

        recorder?.Dispose();
        if (!fleet.WasGivenUp) { recording?.Complete(); }
        return fleet;
    }

    private static ValueTask DisposeAsync(Participant? participant) => participant?.Run?.DisposeAsync() ?? default;

    /// <summary>Reads how the sessions of a participant stand: those of each of its transports.</summary>
    private static IEnumerable<Task> ListenAsync(RunningFleet fleet, string name, EdgeLink link, CancellationToken cancellationToken)
    {
        yield return fleet.Connections.ListenAsync(name, 0, link.Data, fleet.Elapsed, cancellationToken);
        if (link.Control == link.Data) { yield break; }
        yield return fleet.Connections.ListenAsync(name, 1, link.Control, fleet.Elapsed, cancellationToken);
    }

    private static void Look(RunningFleet fleet, List<Participant> devices, Participant aggregator, Action<RunningFleet> look)
    {
        var now = fleet.Elapsed();
        fleet.Saved?.Look(devices.Append(aggregator), now);
        for (var i = 0; i < devices.Count; i++)
        {
            if (devices[i].Completion.IsCompleted) { fleet.Connections.Leave(fleet.Members[i].Name, now); }
        }

        fleet.Connections.Tick(now);
        if (now >= TimeSpan.FromSeconds(fleet.Events.Count == 0 ? 0 : fleet.Events[^1].Seconds) + SampleEvery)
        {
            lock (fleet.Events) { FleetEvents.Sample(fleet, now); }
        }

        look(fleet);
    }

    /// <summary>Waits for the fleet, as long as it has its connections or gets on without some of them.</summary>
    private static async Task FinishAsync(RunningFleet fleet, List<Participant> devices, Participant aggregator, TimeSpan patience,
        Action look, TimeProvider time, CancellationToken cancellationToken)
    {
        using var drained = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var all = FinishAsync(devices, aggregator, drained.Token);
        var (taken, takenAt) = (0L, fleet.Elapsed());
        while (await Task.WhenAny(all, Task.Delay(LookEvery, time, cancellationToken)).ConfigureAwait(false) != all)
        {
            cancellationToken.ThrowIfCancellationRequested();
            look();
            if (aggregator.Metrics["aggregate"].ItemsIn is var now && now != taken) { (taken, takenAt) = (now, fleet.Elapsed()); }
            if (!(fleet.Connections.AwayFor(fleet.Elapsed()) >= patience && fleet.Elapsed() - takenAt >= patience)) { continue; }
            fleet.WasGivenUp = true;
            fleet.Connections.GiveUp(fleet.Elapsed(), patience);
            look();
            foreach (var device in devices) { await DisposeAsync(device).ConfigureAwait(false); }
            await drained.CancelAsync().ConfigureAwait(false);
            await all.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }

        await all.ConfigureAwait(false);
    }

    private static async Task FinishAsync(List<Participant> devices, Participant aggregator, CancellationToken cancellationToken)
    {
        await Task.WhenAny(Task.WhenAll(devices.Select(d => d.Completion)), aggregator.Completion).ConfigureAwait(false);
        try
        {
            if (aggregator.Run is { } run) { await run.DrainAsync(cancellationToken).ConfigureAwait(false); }
        }
        catch (BlockFailedException e)
        {
            throw new QuickstartException(e.Message, ExitCode.Failed);
        }
    }

    private static string StateOf(Participant device, double speed) => DeviceState.Of(
        device.Failure is not null, crashed: false, [device.Metrics], speed, starts: 1, device.Completion.IsCompleted);

    private static long Calls(List<Participant> devices, Participant aggregator) =>
        devices.Append(aggregator).Sum(r => r.Metrics.Blocks.Sum(b => b.ItemsIn + b.Controls));
}
