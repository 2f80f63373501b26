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

    internal static (double Cost, double DropRate) Played(OffloadProcess process)
    {
        return Learned(process);

        static (double Cost, double DropRate) Learned(OffloadProcess process) =>
            process.Play(process.Learn(seed: 1), slots: 10_000, seed: 2);
    }

    internal static Fork<Batch, Batch> Trained(Flow<Batch> rows, Flow<Evaluation> evaluations)
    {
        return Placed(rows, evaluations);

        static Fork<Batch, Batch> Placed(Flow<Batch> rows, Flow<Evaluation> evaluations) =>
            rows.PlaceTraining(evaluations, target: 0.9, hysteresis: 0.1);
    }
}
