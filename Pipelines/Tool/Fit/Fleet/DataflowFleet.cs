using StreamLearn;

namespace Tool;

/// <summary>Runs the fleet in the dataflow host at full speed, without simulated links; slow devices pause after each call.</summary>
internal static class DataflowFleet
{
    /// <summary>Idle time after which an in-process fleet is given up: by then every device has given up its pending answers.</summary>
    internal static readonly TimeSpan Standstill = FleetSettings.LeaveTimeout + TimeSpan.FromSeconds(10);

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan SampleEvery = TimeSpan.FromSeconds(5);

    internal static async Task<RunningFleet> RunAsync(FleetRun fleetRun, FleetLinks links, Func<Recording>? record, TimeSpan patience,
        Action<RunningFleet> look, CancellationToken cancellationToken, SavedFleet? saved = null)
    {
        using var recording = record?.Invoke();
        using var recorder = recording is null ? null : new RunRecorder(recording.Writer);
        var run = new RunOptions { Seed = fleetRun.Seed, Pace = Pace.AsFastAsPossible, Recorder = recorder };
        var participants = new FleetParticipants(links, saved, cancellationToken);
        using var listening = new CancellationTokenSource();
        var listeners = Task.CompletedTask;
        RunningFleet fleet;
        try
        {
            using var held = links.Hold?.Invoke();       // until all have subscribed
            fleet = Start(fleetRun, participants, run, saved);
            listeners = participants.ListenAsync(fleet, listening.Token);
            held?.Dispose();
            await FinishAsync(fleet, participants, saved, patience, look, run.TimeProvider, cancellationToken).ConfigureAwait(false);
            Conclude(fleet, look);
        }
        catch (OperationCanceledException) when (saved is not null && participants.All.Any())
        {
            using var held = links.Hold?.Invoke();      // messages sent now may no longer be received
            await saved.StopAsync(participants.All).ConfigureAwait(false);
            throw;
        }
        finally
        {
            await participants.StopAsync().ConfigureAwait(false);
            await listening.CancelAsync().ConfigureAwait(false);
            await listeners.ConfigureAwait(false);
            await participants.DisposeAsync().ConfigureAwait(false);
        }

        recorder?.Dispose();
        if (!fleet.WasGivenUp) { recording?.Complete(); }
        return fleet;
    }

    private static RunningFleet Start(FleetRun fleetRun, FleetParticipants participants, RunOptions run, SavedFleet? saved)
    {
        var watch = new FleetWatch();
        var before = saved?.Before ?? TimeSpan.Zero;
        var (began, started) = (run.TimeProvider.GetUtcNow() - before, run.TimeProvider.GetTimestamp());
        List<RunEvent> events = [];
        participants.Start(fleetRun, run, watch, new(watch, events, began));
        return new(fleetRun.Mode, began, participants.Members, participants.Aggregator.Metrics, watch,
            () => before + run.TimeProvider.GetElapsedTime(started), IsVirtual: false, participants.Calls)
        {
            UpdatesPerVersion = FleetSettings.UpdatesPerVersion(fleetRun),
            RowsOfData = fleetRun.Source.Devices.Sum(fleetRun.Source.RowsOf),
            StepsAreEarned = !fleetRun.Continuous,
            UpdateBytes = sizeof(float) * (long)fleetRun.Network.Plan.Values,
            WallBefore = before,
            Events = events,
            Saved = saved,
        };
    }

    private static void Conclude(RunningFleet fleet, Action<RunningFleet> look)
    {
        var end = fleet.Elapsed();
        fleet.Connections.End(end);
        FleetEvents.Sample(fleet, end);
        look(fleet);
        fleet.LostThroughServer = RunFacts.UpdatesLost(fleet);
        fleet.CutOff = CutOff.Of(fleet, end).Ended(fleet);
    }

    private static void Look(RunningFleet fleet, FleetParticipants participants, SavedFleet? saved, Action<RunningFleet> look)
    {
        var now = fleet.Elapsed();
        saved?.Look(participants.All, now);
        foreach (var device in participants.Devices.Where(static d => d.Completion.IsCompleted))
        {
            fleet.Connections.Leave(device.Name, now);
        }

        fleet.Connections.Tick(now);
        if (now >= LinkPace.FirstLook && LinkPace.Of(fleet, now)?.Text is { } slow) { fleet.Connections.TellSlow(now, slow); }
        if (now >= TimeSpan.FromSeconds(fleet.Events.Count == 0 ? 0 : fleet.Events[^1].Seconds) + SampleEvery)
        {
            lock (fleet.Events) { FleetEvents.Sample(fleet, now); }
        }

        look(fleet);
    }

    /// <summary>Waits while the fleet is connected or makes progress without some connections.</summary>
    private static async Task FinishAsync(RunningFleet fleet, FleetParticipants participants, SavedFleet? saved, TimeSpan patience,
        Action<RunningFleet> look, TimeProvider time, CancellationToken cancellationToken)
    {
        // An interrupted run that is saved must be saved before it stops.
        using var drained = fleet.Saved is null ? CancellationTokenSource.CreateLinkedTokenSource(cancellationToken) : new();
        var all = FinishAsync(participants, cancellationToken, drained.Token);
        var (taken, takenAt) = (0L, fleet.Elapsed());
        var (entered, atRest) = (0L, TimeSpan.Zero);      // sums intervals: a suspended process has not waited
        while (await Task.WhenAny(all, Task.Delay(LookEvery, time, cancellationToken)).ConfigureAwait(false) != all)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Look(fleet, participants, saved, look);
            if (fleet.Aggregator["aggregate"].ItemsIn is var now && now != taken) { (taken, takenAt) = (now, fleet.Elapsed()); }
            if (participants.Entered is var came && came != entered) { (entered, atRest) = (came, TimeSpan.Zero); }
            else if (participants.AreAtRest) { atRest += LookEvery; }
            var isAway = fleet.Connections.AwayFor(fleet.Elapsed()) >= patience && fleet.Elapsed() - takenAt >= patience;
            if (!isAway && atRest < patience) { continue; }
            fleet.WasGivenUp = true;
            fleet.Connections.GiveUp(fleet.Elapsed(), patience, isAway ? "there was no connection and no update"
                : fleet.Connections.IsEmpty ? $"nothing moved: {string.Join(", ", participants.Waiting)} did not end"
                : "no message arrived: messages were lost in transit");
            Look(fleet, participants, saved, look);
            await participants.StopDevicesAsync().ConfigureAwait(false);
            await drained.CancelAsync().ConfigureAwait(false);
            await all.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }

        await all.ConfigureAwait(false);
    }

    private static async Task FinishAsync(
        FleetParticipants participants, CancellationToken interrupted, CancellationToken cancellationToken)
    {
        var aggregator = participants.Aggregator;
        await Task.WhenAny(Task.WhenAll(participants.Devices.Select(d => d.Completion)), aggregator.Completion).ConfigureAwait(false);
        try
        {
            interrupted.ThrowIfCancellationRequested();
            if (aggregator.Run is { } run) { await run.DrainAsync(cancellationToken).ConfigureAwait(false); }
        }
        catch (BlockFailedException e)
        {
            throw new ProgramException(e.Message, ExitCode.Failed);
        }
    }
}
