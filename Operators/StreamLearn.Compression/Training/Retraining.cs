namespace StreamLearn.Compression;

internal abstract class StepRule
{
    internal virtual Span<float> Used(Span<float> weights) => weights;

    internal virtual void Change(Span<float> gradients)
    {
    }

    /// <summary>Called after each step; steps are counted from 1.</summary>
    internal virtual void Stepped(Span<float> weights, ReadOnlySpan<float> gradients, int step)
    {
    }
}

internal static class Retraining
{
    /// <summary>A step with a non-finite loss changes nothing.</summary>
    internal static void Run(Network network, float[] weights, in Sample rows, RetrainOptions options, StepRule? rule)
    {
        var plan = network.Plan;
        options.Check(plan, rows);
        var (size, count, most) = (plan.Input.Size, plan.Outputs, Math.Min(options.BatchRows, rows.Rows));
        var (features, labels) = (new float[most * size], new int[rows.Labels.IsEmpty ? 0 : most]);
        var (targets, scores) = (new float[Of(rows.Targets, most * count)], new float[Of(rows.TeacherLogits, most * count)]);
        var (gradients, state, memory) = (plan.Zeros(), new float[options.Optimizer.StateValues * plan.Values], new Workspace());
        var (order, random, next) = (Enumerable.Range(0, rows.Rows).ToArray(), new RandomStream(options.Seed, "retrain"), rows.Rows);
        for (var step = 1; step <= options.Steps; step++)
        {
            for (var i = 0; i < most; i++, next++)
            {
                if (next == order.Length) { next = Shuffle(order, random); }
                var row = order[next];
                rows.Features.Slice(row * size, size).CopyTo(features.AsSpan(i * size));
                if (labels.Length > 0) { labels[i] = rows.Labels[row]; }
                if (targets.Length > 0) { rows.Targets.Slice(row * count, count).CopyTo(targets.AsSpan(i * count)); }
                if (scores.Length > 0) { rows.TeacherLogits.Slice(row * count, count).CopyTo(scores.AsSpan(i * count)); }
            }

            var sample = labels.Length > 0 ? new Sample(features, labels) : new Sample(features, most);
            Take(network, weights, sample with { Number = step, Targets = targets, TeacherLogits = scores },
                options.Optimizer, state, step, gradients.Span, memory, rule);
        }
    }

    private static int Of(ReadOnlySpan<float> values, int count) => values.IsEmpty ? 0 : count;

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
