namespace StreamLearn.Fleets;

internal sealed record TrimmedMean(double Fraction, float LearningRate) : Apply
{
    public override bool Streams => false;

    public override int Slots => 0;

    public override bool TreatsStatistics => true;

    public override bool Weighs => false;

    public override void Add(ServerState state, in WeightedUpdate update) { }

    public override void Finish(ServerState state)
    {
        var trimmed = (int)Math.Floor((Fraction * state.Set.Count) + 1e-9);     // in binary, 0.29 · 100 is a little below 29
        SortedSet.Move(state, LearningRate, values =>
        {
            double sum = 0;
            foreach (var value in values[trimmed..^trimmed]) { sum += value; }
            return sum / (values.Length - (2 * trimmed));
        });
    }

    public override void Check()
    {
        if (!(Fraction is >= 0 and < 0.5))
        {
            throw new ArgumentOutOfRangeException(nameof(Fraction), Fraction, "expected a share in [0, 0.5)");
        }

        CheckRate(LearningRate, nameof(LearningRate));
    }
}
