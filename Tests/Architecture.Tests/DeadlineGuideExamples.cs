using StreamLearn;
using StreamLearn.Learning;
using StreamLearn.Nodes;
using StreamLearn.Operators;

namespace Architecture.Tests;

/// <summary>The C# of docs/guides/time.md.</summary>
internal static class DeadlineGuideExamples
{
    internal static Flow<Batch> Served(Flow<Batch> windows, Func<Batch, OperatorContext, Batch> answer)
    {
        return Answered(windows, answer);

        static Flow<Batch> Answered(Flow<Batch> windows, Func<Batch, OperatorContext, Batch> answer) => windows
            .ServeByDeadline("answer", Deadlines.OfColumn("time", after: TimeSpan.FromSeconds(2)), answer,
                options: new() { CapacityMessages = 32 });
    }

    internal static Flow<Batch> Queued(Flow<Batch> windows)
    {
        return Paced(windows);

        static Flow<Batch> Paced(Flow<Batch> windows) => windows
            .DeadlineQueue(Deadlines.Within<Batch>(TimeSpan.FromSeconds(5)), batch => TimeSpan.FromMilliseconds(2 * batch.Rows));
    }

    internal static int Decided(OffloadProcess process, OffloadState state)
    {
        return Decide(process, state);

        static int Decide(OffloadProcess process, OffloadState state)
        {
            var agent = new DqnAgent(OffloadSlots.ValuesOf(process), process.Actions.Length, seed: 1);
            new Episodes { MaxEpisodes = 1, MaxSteps = int.MaxValue }.Run(agent, new OffloadSlots(process, new(1, "learning")));
            var shown = new float[OffloadSlots.ValuesOf(process)];
            OffloadSlots.Show(process, state, shown);
            return agent.BestAction(shown);
        }
    }

    internal static Fork<Batch, Batch> Trained(Flow<Batch> rows, Flow<Evaluation> evaluations)
    {
        return Placed(rows, evaluations);

        static Fork<Batch, Batch> Placed(Flow<Batch> rows, Flow<Evaluation> evaluations) =>
            rows.PlaceTraining(evaluations, new() { Target = 0.9, Hysteresis = 0.1 });
    }
}
