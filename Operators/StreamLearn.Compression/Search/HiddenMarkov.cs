using System.Collections.Immutable;

namespace StreamLearn.Compression;

/// <summary>A hidden Markov model in log probabilities. Immutable.</summary>
/// <remarks>Source: Rabiner (1989).</remarks>
public sealed record HiddenMarkov
{
    /// <summary>Creates a model from log probabilities.</summary>
    /// <param name="initial">Log probability of each initial state; −∞: never.</param>
    /// <param name="transitions">Log probability of each transition, <c>[states, states]</c>; −∞: never.</param>
    /// <exception cref="ArgumentException">No state, size mismatch, or a value above 0 or NaN.</exception>
    public HiddenMarkov(ImmutableArray<float> initial, ImmutableArray<float> transitions)
    {
        if (initial.IsDefaultOrEmpty || transitions.IsDefault || transitions.Length != (long)initial.Length * initial.Length)
        {
            throw new ArgumentException("expected an initial value for each state, and one for each pair of states");
        }

        foreach (var value in initial.Concat(transitions))
        {
            if (!(value <= 0)) { throw new ArgumentException($"expected logarithms of probabilities, got {value}"); }
        }

        (Initial, Transitions) = (initial, transitions);
    }

    /// <summary>Log probability of each initial state.</summary>
    public ImmutableArray<float> Initial { get; }

    /// <summary>Log probability of each transition, <c>[states, states]</c>.</summary>
    public ImmutableArray<float> Transitions { get; }

    /// <summary>Number of states.</summary>
    public int States => Initial.Length;

    /// <inheritdoc />
    public bool Equals(HiddenMarkov? other) => other is not null && Initial.AsSpan().SequenceEqual(other.Initial.AsSpan())
        && Transitions.AsSpan().SequenceEqual(other.Transitions.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(States, Initial[0], Transitions[^1]);
}
