namespace StreamLearn.Simulated;

internal sealed record RunningFleet(
    TrainingMode Mode, DateTimeOffset StartedAt, IReadOnlyList<FleetMember> Members, RunMetrics Aggregator, FleetWatch Watch,
        Func<TimeSpan> Elapsed, Func<long> Calls)
{
    /// <summary>Samples and faults, in time order.</summary>
    internal List<RunEvent> Events { get; init; } = [];

    internal CutOff? CutOff { get; set; }           // the state at which its result was made; null before
    internal TimeSpan WallBefore { get; set; }      // real time that it needed before it was saved, if it resumes from there

    internal required int UpdatesPerVersion { get; init; }
}
