namespace Tool;

/// <summary>Makes the result of a job from its runs.</summary>
internal static class FleetSummary
{
    /// <summary>The result of some runs, of which the first is the main one.</summary>
    internal static FleetResult Of(JobOptions options, FleetRun main, List<JudgedRun> runs, ExitStudy exits, TimeSpan wall)
    {
        var (fleet, results) = (runs[0].Run.Fleet, runs.ConvertAll(r => RunResult.Of(r, options.IsVirtual)));
        var (first, barrier) = (results[0], results.Find(r => r.Mode == "barrier"));
        var (messages, facts) = (first.Messages, runs[0].Facts);
        return new()
        {
            Host = options.HostName,
            Link = options.LinkName,
            Data = main.Source.Description,
            Scenario = World.TextOf(main, options),
            Mode = first.Mode,
            Seed = options.Seed,
            Model = main.Source.ModelName,
            Judges = main.Source.Judges,
            Accuracy = exits.Accuracy,
            AccuracyFullNetwork = exits.FullAccuracy,
            AccuracyBarrier = barrier?.Accuracy,
            Kappa = first.Kappa,
            Target = options.Target,
            VirtualSecondsToTarget = first.VirtualSecondsToTarget,
            VirtualSecondsToTargetBarrier = barrier?.VirtualSecondsToTarget,
            EarlyExitShare = exits.EarlyShare,
            MacsFraction = exits.MultiplyAddsFraction(main.Network),
            InferenceTimeFraction = Math.Round(exits.ExitTime / exits.FullTime, 3),
            TestRows = runs[0].Final.Rows,
            PrequentialAccuracy = first.PrequentialAccuracy,
            WeightsSha256 = first.WeightsSha256,
            Versions = first.Versions,
            Doubts = [.. runs.SelectMany(r => r.Doubts)],
            MessagesSent = messages.Messages,
            UpdatesSent = messages.Updates,
            UpdatesApplied = messages.Applied,
            UpdatesInOpenRound = messages.InOpenRound,
            UpdatesRefused = messages.Refused,
            MessagesWithoutSteps = messages.WithoutSteps,
            UpdatesLost = messages.Lost,
            UpdatesUnknown = messages.Unknown,
            UpdatesUnderWay = messages.UnderWay,
            UpdatesRepeated = messages.Repeated,
            MessagesUnreadable = messages.Unreadable,
            MessagesAddUp = results.TrueForAll(r => r.Messages.AddsUp),
            UpdatesUnanswered = facts.Devices.Sum(d => d.UpdatesUnknown),
            GivenUp = fleet.Connections.GivenUp,
            LostThroughServer = runs.Sum(r => r.Run.Fleet.LostThroughServer),
            StalenessP50 = first.StalenessP50,
            StalenessP95 = first.StalenessP95,
            ConnectionLosses = fleet.Connections.Losses,
            RowsIn = first.RowsIn,
            RowsWindowed = first.RowsWindowed,
            RowsHeld = first.RowsHeld,
            RowsDropped = first.RowsDropped,
            RowsNotRead = first.RowsNotRead,
            RowsTrained = first.RowsTrained,
            LedgerAddsUp = runs.TrueForAll(r => r.CutOff.Rows.AddsUp),
            BytesUp = first.BytesUp,
            VirtualSeconds = options.IsVirtual ? runs[0].CutOff.At.TotalSeconds : null,
            WallSeconds = Math.Round(wall.TotalSeconds, 3),
            Events = fleet.Calls(),
            Runs = results,
            People = exits.People,
            Devices = [.. runs[0].CutOff.Devices],
        };
    }
}
