using StreamLearn.Learning;
using StreamLearn.Models;

namespace StreamLearn.Compression;

/// <summary>What is done to weights and gradients around a step. The default does nothing.</summary>
internal abstract class StepRule
{
    /// <summary>The weights that the passes take.</summary>
    internal virtual Span<float> Used(Span<float> weights) => weights;

    /// <summary>Changes the gradient before the optimizer takes it.</summary>
    internal virtual void Change(Span<float> gradients)
    {
    }

    /// <summary>Changes the weights after a step, counted from 1.</summary>
    internal virtual void Stepped(Span<float> weights, ReadOnlySpan<float> gradients, int step)
    {
    }
}

/// <summary>Trains a network under a rule.</summary>
internal static class Retraining
{
    /// <summary>Moves the weights. A step whose loss is not finite changes nothing.</summary>
    /// <param name="network">The network.</param>
    /// <param name="weights">Its values.</param>
    /// <param name="rows">What it learns from.</param>
    /// <param name="teacher">Scores of a teacher for each row, <c>[rows, classes]</c>; empty for none.</param>
    /// <param name="options">Settings.</param>
    /// <param name="rule">What is done around a step; null: nothing.</param>
    internal static void Run(Network network, float[] weights, RecordedRows rows, ReadOnlySpan<float> teacher, RetrainOptions options,
        StepRule? rule)
    {
        var plan = network.Plan;
        options.Check(plan, rows);
        var (size, count, most) = (plan.Input.Size, plan.Outputs, Math.Min(options.BatchRows, rows.Count));
        var (features, labels, targets) = (new float[most * size], new int[most], new float[most]);
        var scores = teacher.IsEmpty ? [] : new float[most * count];
        var (gradients, state, memory) = (plan.Zeros(), new float[options.Optimizer.StateValues * plan.Values], new Workspace());
        var (order, random, next) = (Enumerable.Range(0, rows.Count).ToArray(), new RandomStream(options.Seed, "retrain"), rows.Count);
        for (var step = 1; step <= options.Steps; step++)
        {
            for (var i = 0; i < most; i++, next++)
            {
                if (next == order.Length) { next = Shuffle(order, random); }
                var row = order[next];
                rows.Features.Span.Slice(row * size, size).CopyTo(features.AsSpan(i * size));
                if (!rows.Labels.IsEmpty) { labels[i] = rows.Labels.Span[row]; }
                if (!rows.Targets.IsEmpty) { targets[i] = rows.Targets.Span[row]; }
                if (scores.Length > 0) { teacher.Slice(row * count, count).CopyTo(scores.AsSpan(i * count)); }
            }

            var sample = new Sample(features, labels)
            {
                Number = step,
                Targets = rows.Targets.IsEmpty ? default : targets,
                TeacherLogits = scores,
            };
            Take(network, weights, sample, options.Optimizer, state, step, gradients.Span, memory, rule);
        }
    }

    private static void Take(Network network, float[] weights, in Sample sample, Optimizer optimizer, float[] state, int step,
        Span<float> gradients, Workspace memory, StepRule? rule)
    {
        if (rule is null)
        {
            network.Step(weights, sample, optimizer, state, step, gradients, memory);
            return;
        }

        if (!float.IsFinite(network.Loss(rule.Used(weights), sample, gradients, memory))) { return; }
        rule.Change(gradients);
        optimizer.Step(network.Plan, weights, gradients, state, step);
        foreach (var slice in network.Plan.Statistics) { slice.Of((ReadOnlySpan<float>)gradients).CopyTo(slice.Of(weights)); }
        rule.Stepped(weights, gradients, step);
    }

    private static int Shuffle(int[] order, RandomStream random)
    {
        for (var i = order.Length - 1; i > 0; i--)
        {
            var other = random.NextInt32(i + 1);
            (order[i], order[other]) = (order[other], order[i]);
        }

        return 0;
    }
}
