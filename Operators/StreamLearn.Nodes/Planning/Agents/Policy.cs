namespace StreamLearn.Nodes;

/// <summary>A learned policy: the best known action of each state. A value.</summary>
internal sealed record Policy(Network Network, Weights Weights)
{
    /// <summary>Values of a state.</summary>
    public int StateValues => Network.Plan.Input.Size;

    /// <summary>Values of an action.</summary>
    public int ActionValues => Network.Plan.Outputs;

    /// <summary>Computes a state's mean action, without exploring.</summary>
    public void Act(ReadOnlySpan<float> state, Span<float> action) =>
        Network.Infer(Weights.Values.AsSpan(), new Sample(state, 1), action, new Workspace());

    public bool Equals(Policy? other) =>
        other is not null && Network.Equals(other.Network) && Weights.Values.AsSpan().SequenceEqual(other.Weights.Values.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Network, Weights.Version);

    /// <summary>Returns the layers and the first digits of the weights' hash.</summary>
    public override string ToString() => $"policy {StateValues}→{ActionValues} {Weights.Sha256()[..8]}";
}
