namespace StreamLearn.Models;

internal static class TemperatureScaling
{
    private const double Least = 0.05, Most = 20;

    private const int Steps = 40;
    private static readonly double Section = (Math.Sqrt(5) - 1) / 2;

    internal static float Fit(ReadOnlySpan<float> logits, ReadOnlySpan<int> labels)
    {
        if (labels.IsEmpty || logits.Length % labels.Length != 0 || logits.IsEmpty)
        {
            throw new ArgumentException("expected as many scores for each label as there are classes", nameof(logits));
        }

        var (low, high) = (Math.Log(Least), Math.Log(Most));
        var (left, right) = (high - (Section * (high - low)), low + (Section * (high - low)));
        var (leftLoss, rightLoss) = (Loss(logits, labels, left), Loss(logits, labels, right));
        for (var step = 0; step < Steps; step++)
        {
            if (leftLoss <= rightLoss)
            {
                (high, right, rightLoss) = (right, left, leftLoss);
                left = high - (Section * (high - low));
                leftLoss = Loss(logits, labels, left);
            }
            else
            {
                (low, left, leftLoss) = (left, right, rightLoss);
                right = low + (Section * (high - low));
                rightLoss = Loss(logits, labels, right);
            }
        }

        return (float)Math.Exp((low + high) / 2);
    }

    private static double Loss(ReadOnlySpan<float> logits, ReadOnlySpan<int> labels, double logTemperature)
    {
        var classes = logits.Length / labels.Length;
        var temperature = Math.Exp(logTemperature);
        double loss = 0;
        for (var r = 0; r < labels.Length; r++)
        {
            var row = logits.Slice(r * classes, classes);
            double highest = row[0], sum = 0;
            foreach (var logit in row) { highest = Math.Max(highest, logit); }
            foreach (var logit in row) { sum += Math.Exp((logit - highest) / temperature); }
            loss += Math.Log(sum) - ((row[labels[r]] - highest) / temperature);
        }

        return loss;
    }
}
