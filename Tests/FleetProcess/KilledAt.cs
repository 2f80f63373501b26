using System.Diagnostics;
using StreamLearn.Fleets;
using StreamLearn.Programs;

namespace FleetProcess;

/// <summary>What an aggregator does with an update, in order.</summary>
public enum KillStep
{
    /// <summary>It is not killed.</summary>
    Never,

    Received,

    Validated,

    /// <summary>A round is due: its updates are applied next.</summary>
    Due,

    Applied,

    Saving,

    /// <summary>A version is published next; its checkpoint is on disk.</summary>
    Publishing,

    Published,

    Answering,

    Answered,

    Acknowledging,

    Acknowledged,
}

/// <summary>An aggregator of the programs' fleet that ends itself, as by kill -9, at a step of its work.</summary>
internal static class KilledAt
{
    private const int UpdatesInRound = 4;
    private const int Window = 64;
    private static readonly TimeSpan Kept = TimeSpan.FromHours(1);

    private static KillStep _step;
    private static int _left;

    /// <summary>Arguments: server, fleet, state folder, ledger, step, and at which time of it.
    /// It ends when all else fails by SIGTERM.</summary>
    internal static async Task<int> RunAsync(string[] args)
    {
        var (server, fleet, state, ledger) = (new Uri(args[0]), args[1], args[2], args[3]);
        (_step, _left) = (Enum.Parse<KillStep>(args[4]), int.Parse(args[5], CultureInfo.InvariantCulture));
        StepTransport Open(string part) => new(EdgeServer.Open(server, $"sl-{fleet}-aggregator-{part}", Kept, login: null));
        await using var link = new EdgeLink(Open("updates"), Open("control"));
        var rounds = new FedBuff(UpdatesInRound).Rounds;
        var options = new AggregatorOptions(new($"sl/{fleet}"), RecordedModel.Usual.Create(),
            rounds with { Weigh = new StepWeigh(rounds.Weigh), Due = new StepDue(rounds.Due) }, Window)
        {
            Rules = new()
            {
                Epoch = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(),
                Restore = TimeSpan.FromSeconds(2),
                RestoreOnceConnected = true,
            },
            ResumesFromRetained = true,
            OnRound = static _ => Reach(KillStep.Applied),
            Ledger = new LedgerFile(ledger),
        };
        var pipeline = AggregatorPipeline.Create(options, link);
        using var ending = new Ending();
        await using var run = new StateFolder(new(state), fleet, Console.WriteLine).Start(pipeline, new(), new Saving(),
            AggregatorPipeline.OfEachStart(options));
        Console.WriteLine("waiting for updates");
        return await ending.WaitAsync([run], static () => $"{_step} {_left}", Ending.TimeToEnd);
    }

    internal static void Reach(KillStep step)
    {
        if (step == _step && Interlocked.Decrement(ref _left) == 0) { Process.GetCurrentProcess().Kill(); }
    }

    private sealed record StepWeigh(Weigh Inner) : Weigh
    {
        public override float Of(in UpdateHeader update, in RoundView round)
        {
            Reach(KillStep.Validated);
            return Inner.Of(update, round);
        }
    }

    private sealed record StepDue(Due Inner) : Due
    {
        public override TimeSpan? Left(in RoundView round)
        {
            var left = Inner.Left(round);
            if (left == TimeSpan.Zero) { Reach(KillStep.Due); }
            return left;
        }
    }

    private sealed class Saving : IStateful
    {
        public string StateFormat => "nothing/1";

        public void State(ref StateStream s)
        {
            if (s.IsWriting) { Reach(KillStep.Saving); }
        }
    }
}
