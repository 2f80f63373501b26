namespace StreamLearn.Nodes;

internal abstract record Predictor
{
    public static Predictor Last { get; } = new NewestValue();

    public static Predictor Ewma(double share) => share is > 0 and <= 1
        ? new FadingValue(share)
        : throw new ArgumentOutOfRangeException(nameof(share), share, "expected a share above 0 and at most 1");

    public static Predictor Trend(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 2);
        return new TrendLine(count);
    }

    public double Predict(ReadOnlySpan<Estimate> series, DateTimeOffset at) => series.IsEmpty
        ? throw new ArgumentException("expected at least one value, got none", nameof(series))
        : Of(series, at);

    private protected abstract double Of(ReadOnlySpan<Estimate> series, DateTimeOffset at);

    private sealed record NewestValue : Predictor
    {
        public override string ToString() => "last";

        private protected override double Of(ReadOnlySpan<Estimate> series, DateTimeOffset at) => series[^1].Value;
    }

    private sealed record FadingValue(double Share) : Predictor
    {
        public override string ToString() => FormattableString.Invariant($"ewma {Share}");

        private protected override double Of(ReadOnlySpan<Estimate> series, DateTimeOffset at)
        {
            var mean = series[0].Value;
            foreach (var estimate in series[1..]) { mean += Share * (estimate.Value - mean); }
            return mean;
        }
    }

    private sealed record TrendLine(int Count) : Predictor
    {
        public override string ToString() => FormattableString.Invariant($"trend {Count}");

        private protected override double Of(ReadOnlySpan<Estimate> series, DateTimeOffset at)
        {
            var last = series[^Math.Min(Count, series.Length)..];
            var (newest, time, value) = (series[^1].At, 0.0, 0.0);
            foreach (var estimate in last) { (time, value) = (time + Seconds(estimate), value + estimate.Value); }
            (time, value) = (time / last.Length, value / last.Length);
            var (products, squares) = (0.0, 0.0);
            foreach (var estimate in last)
            {
                products += (Seconds(estimate) - time) * (estimate.Value - value);
                squares += (Seconds(estimate) - time) * (Seconds(estimate) - time);
            }

            return squares == 0 ? value : value + (products / squares * ((at - newest).TotalSeconds - time));

            double Seconds(Estimate estimate) => (estimate.At - newest).TotalSeconds;
        }
    }
}
