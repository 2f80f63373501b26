using StreamLearn.Fleets;
using StreamLearn.Learning;
using StreamLearn.Models;
using StreamLearn.Samples;

namespace StreamLearn.Simulated;

internal sealed record Judgment(TimeSpan At, Weights Weights, Evaluation Evaluation);

internal sealed record FinishedRun(RunningFleet Fleet, TimeSpan Wall, List<(TimeSpan At, Weights Weights)> Models)
{
    internal Weights Last => Models is [.., var (_, weights)]
        ? weights
        : throw new ProgramException($"{Fleet.Mode.Name}: the aggregator made no version during the run", ExitCode.Failed);

    internal TimeSpan? BestAt { get; init; }

    /// <summary>The version that the job saves: the one that held-back devices found best, otherwise the last.</summary>
    internal Weights Chosen => Models.FindLast(m => m.At <= BestAt).Weights ?? Last;
}

internal sealed record JudgedRun(FinishedRun Run, List<Judgment> Judgments, TimeSpan? ToTarget)
{
    internal RunFacts Facts { get; } = RunFacts.Of(Run.Fleet);

    internal CutOff CutOff => Run.Fleet.CutOff!;

    /// <summary>The best version on unseen devices, in hindsight, the first on a tie.</summary>
    internal Judgment Best { get; } = Judgments.MaxBy(j => j.Evaluation.Accuracy)!;

    internal List<Doubt> Doubts => Simulated.Doubts.Of(Facts);

    internal string Mode => Run.Fleet.Mode.Name;

    internal Evaluation Final => Judgments[^1].Evaluation;

    internal Evaluation Chosen { get; } = Judgments.Find(j => j.Weights.Version == Run.Chosen.Version)!.Evaluation;

    internal static JudgedRun Of(FinishedRun run, Network network, LabelledWindows test, double target)
    {
        _ = run.Last;
        var judgments = Judging.Judge(network, test, run.Models);
        var times = judgments.Select(j => (j.At, j.Evaluation.Accuracy)).ToArray();
        return new(run, judgments, TimeToTarget.Of(times, target));
    }
}

internal static class Judging
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    /// <summary>From the first round on, and the last one.</summary>
    internal static List<(TimeSpan At, Weights Weights)> Grid(RunningFleet fleet, TimeSpan until)
    {
        List<(TimeSpan, Weights)> grid = [];
        var rounds = fleet.CutOff!.Rounds;
        var next = 0;
        for (var at = Every; at <= until; at += Every)
        {
            while (next < rounds.Count && rounds[next].Ended - fleet.StartedAt <= at) { next++; }
            if (next > 0) { grid.Add((at, rounds[next - 1].Averaged)); }
        }

        if (until.Ticks % Every.Ticks != 0 && rounds.Count > 0) { grid.Add((until, rounds[^1].Averaged)); }

        return grid;
    }

    /// <summary>True if <see cref="Grid"/> includes the round, whenever the run ends. <paramref name="next"/>: null: the last.</summary>
    internal static bool IsOnGrid(RunningFleet fleet, Round round, Round? next)
    {
        var (ended, every) = ((round.Ended - fleet.StartedAt).Ticks, Every.Ticks);
        return next is null || (ended + every - 1) / every * every < (next.Ended - fleet.StartedAt).Ticks;
    }

    /// <summary>In parallel, each version once.</summary>
    internal static List<Judgment> Judge(Network network, LabelledWindows windows, List<(TimeSpan At, Weights Weights)> models)
    {
        var distinct = models.Select(m => m.Weights).DistinctBy(w => w.Version).ToList();
        var evaluations = new Evaluation[distinct.Count];
        Parallel.For(0, distinct.Count, i => evaluations[i] = Evaluation.Of(network, distinct[i], windows.Sample));
        var byVersion = distinct.Zip(evaluations).ToDictionary(p => p.First.Version, p => p.Second);
        return [.. models.Select(m => new Judgment(m.At, m.Weights, byVersion[m.Weights.Version]))];
    }
}
