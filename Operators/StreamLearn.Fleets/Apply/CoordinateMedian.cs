namespace StreamLearn.Fleets;

internal sealed record CoordinateMedian(float LearningRate) : Apply
{
    public override bool Streams => false;

    public override int Slots => 0;

    public override bool TreatsStatistics => true;

    public override bool Weighs => false;

    public override void Add(ServerState state, in WeightedUpdate update) { }

    public override void Finish(ServerState state) =>
        SortedSet.Move(state, LearningRate, static values => ((double)values[(values.Length - 1) / 2] + values[values.Length / 2]) / 2);

    public override void Check() => CheckRate(LearningRate, nameof(LearningRate));
}
