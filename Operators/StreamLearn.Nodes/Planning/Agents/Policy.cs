using StreamLearn.Models;

namespace StreamLearn.Nodes;

/// <summary>What an agent has learned: for each state the action that it holds to be best. A value.</summary>
/// <param name="Network">The actor's network.</param>
/// <param name="Weights">Its weights.</param>
public sealed record Policy(Network Network, Weights Weights)
{
    /// <summary>Values of a state.</summary>
    public int StateValues => Network.Plan.Input.Size;

    /// <summary>Values of an action.</summary>
    public int ActionValues => Network.Plan.Outputs;

    /// <summary>The action for a state: the mean, without exploring.</summary>
    /// <param name="state">The state.</param>
    /// <param name="action">Where the action is written, each value in (0, 1).</param>
    /// <exception cref="ArgumentException">A length is not what it should be.</exception>
    public void Act(ReadOnlySpan<float> state, Span<float> action) =>
        Network.Infer(Weights.Values.AsSpan(), new Sample(state, 1), action, new Workspace());

    /// <inheritdoc />
    public bool Equals(Policy? other) =>
        other is not null && Network.Equals(other.Network) && Weights.Values.AsSpan().SequenceEqual(other.Weights.Values.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Network, Weights.Version);

    /// <summary>The layers, and the first digits of the hash of the weights.</summary>
    public override string ToString() => $"policy {StateValues}→{ActionValues} {Weights.Sha256()[..8]}";
}
