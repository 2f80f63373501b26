namespace StreamLearn.Models;

/// <summary>Distillation from labels and a teacher's scores: (1 − a) CE(label, softmax(z)) + a T² KL(softmax(teacher / T) ‖ softmax(z /
/// T)).</summary>
/// <remarks>The teacher's scores are <see cref="Sample.TeacherLogits"/>. Logit offsets apply to the labels' part alone. T² balances the two
/// gradients. Source: Hinton, Vinyals, Dean (2015).</remarks>
/// <param name="Temperature">T, above 0; default 4.</param>
/// <param name="TeacherShare">Share a of the teacher, in [0, 1]; default 0.7.</param>
public sealed record Distillation(float Temperature = 4, float TeacherShare = 0.7f) : Loss
{
    /// <inheritdoc />
    public override double Gradient(Span<float> outputs, in Sample batch)
    {
        Expect(batch.Rows, batch.Labels.Length, "labels");
        Expect(outputs.Length, batch.TeacherLogits.Length, "scores of a teacher");
        var classes = outputs.Length / batch.Rows;
        using var rented = new Rented(outputs.Length);
        var scores = rented.Values;
        outputs.CopyTo(scores);
        var hard = Softmax.Loss(outputs, batch.LogitOffsets, batch.Labels, 0);
        return Mix(hard, scores, batch.TeacherLogits, classes, outputs);
    }

    /// <inheritdoc />
    public override void Answer(Span<float> outputs, int rows) => Softmax.Probabilities(outputs, outputs.Length / rows);

    /// <inheritdoc />
    public override void Check(int outputs)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(outputs, 2);
        if (!(Temperature > 0 && float.IsFinite(Temperature))) { throw new ArgumentException("expected a temperature above 0"); }
        if (!(TeacherShare is >= 0 and <= 1)) { throw new ArgumentException("expected a teacher's share in [0, 1]"); }
    }

    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant($"distillation, T {Temperature}, teacher {TeacherShare}");

    /// <summary>Mixes in place: (1 − a) times the other loss and gradient [rows, classes], plus a times those of the teacher.</summary>
    internal double Mix(double loss, ReadOnlySpan<float> scores, ReadOnlySpan<float> teacher, int classes, Span<float> gradients)
    {
        using var rented = new Rented(2 * scores.Length);
        var ours = rented.Values[..scores.Length];
        var theirs = rented.Values[scores.Length..];
        scores.CopyTo(ours);
        teacher.CopyTo(theirs);
        Softmax.Powers(ours, classes, Temperature);
        Softmax.Powers(theirs, classes, Temperature);
        double divergence = 0;
        for (var at = 0; at < scores.Length; at += classes)
        {
            divergence += Row(
                scores.Slice(at, classes), teacher.Slice(at, classes), ours.Slice(at, classes), theirs.Slice(at, classes), gradients[at..]);
        }

        return ((1 - TeacherShare) * loss) + (TeacherShare * Temperature * divergence);
    }

    /// <summary>Computes T · KL = Σ p (teacher's d − our d) + T (ln our sum − ln teacher's sum) in float64, where d is the distance to the
    /// highest score.</summary>
    private double Row(ReadOnlySpan<float> scores, ReadOnlySpan<float> teacher, ReadOnlySpan<float> ours, ReadOnlySpan<float> theirs,
        Span<float> gradients)
    {
        var (ourSum, theirSum) = (Softmax.Sum(ours), Softmax.Sum(theirs));
        var (ourHighest, theirHighest) = ((double)Softmax.Highest(scores), (double)Softmax.Highest(teacher));
        double distance = 0;
        for (var o = 0; o < scores.Length; o++)
        {
            var wanted = theirs[o] / theirSum;
            distance += wanted * (teacher[o] - theirHighest - (scores[o] - ourHighest));
            var soft = TeacherShare * Temperature * ((ours[o] / ourSum) - wanted);
            gradients[o] = MathF.FusedMultiplyAdd(1 - TeacherShare, gradients[o], soft);
        }

        return distance + (Temperature * (Math.Log(ourSum) - Math.Log(theirSum)));
    }
}
