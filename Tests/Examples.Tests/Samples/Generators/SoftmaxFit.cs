namespace Examples.Tests;

/// <summary>A plain multinomial logistic regression in float64, the measure of how well classes can be told apart by a linear
/// model.</summary>
internal sealed class SoftmaxFit
{
    private readonly double[] _mean;
    private readonly double[] _scale;
    private readonly double[,] _weights;
    private readonly int _classes;

    /// <summary>Fits by full-batch gradient descent on standardized features.</summary>
    internal SoftmaxFit(List<(double[] Features, int Label)> rows, int classes, int steps)
    {
        var n = rows[0].Features.Length;
        (_classes, _weights) = (classes, new double[classes, n + 1]);
        _mean = [.. Enumerable.Range(0, n).Select(f => rows.Average(r => r.Features[f]))];
        _scale = [.. Enumerable.Range(0, n).Select(f => 1 / Math.Sqrt(rows.Average(r => Math.Pow(r.Features[f] - _mean[f], 2)) + 1e-12))];
        for (var step = 0; step < steps; step++) { Step(rows, n, 0.5); }
    }

    internal double Accuracy(List<(double[] Features, int Label)> rows) => rows.Average(r => Predict(r.Features) == r.Label ? 1.0 : 0.0);

    private int Predict(double[] features)
    {
        var scores = Scores(features);
        return Array.IndexOf(scores, scores.Max());
    }

    private double[] Scores(double[] features)
    {
        var scores = new double[_classes];
        for (var k = 0; k < _classes; k++)
        {
            scores[k] = _weights[k, features.Length];
            for (var f = 0; f < features.Length; f++) { scores[k] += _weights[k, f] * (features[f] - _mean[f]) * _scale[f]; }
        }
        return scores;
    }

    private void Step(List<(double[] Features, int Label)> rows, int n, double rate)
    {
        var gradient = new double[_classes, n + 1];
        foreach (var (features, label) in rows)
        {
            var scores = Scores(features);
            var most = scores.Max();
            var sum = scores.Sum(s => Math.Exp(s - most));
            for (var k = 0; k < _classes; k++)
            {
                var error = (Math.Exp(scores[k] - most) / sum) - (k == label ? 1 : 0);
                for (var f = 0; f < n; f++) { gradient[k, f] += error * (features[f] - _mean[f]) * _scale[f]; }
                gradient[k, n] += error;
            }
        }
        for (var k = 0; k < _classes; k++)
        {
            for (var f = 0; f <= n; f++) { _weights[k, f] -= rate * gradient[k, f] / rows.Count; }
        }
    }
}
