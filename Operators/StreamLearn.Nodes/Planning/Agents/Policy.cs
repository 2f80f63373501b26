namespace StreamLearn.Nodes;

/// <summary>A learned policy: the best known action in each state. A value.</summary>
internal sealed record Policy(Network Network, Weights Weights)
{
    public int StateValues => Network.Plan.Input.Size;

    public int ActionValues => Network.Plan.Outputs;

    public void Act(ReadOnlySpan<float> state, Span<float> action) =>
        Network.Infer(Weights.Values.AsSpan(), new Sample(state, 1), action, new Workspace());

    public bool Equals(Policy? other) =>
        other is not null && Network.Equals(other.Network) && Weights.Values.AsSpan().SequenceEqual(other.Weights.Values.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Network, Weights.Version);

    public override string ToString() => $"policy {StateValues}→{ActionValues} {Weights.Sha256()[..8]}";
}
