namespace StreamLearn.Compression;

/// <summary>A hidden Markov model in log probabilities. Immutable.</summary>
/// <remarks>Source: Rabiner (1989).</remarks>
public sealed record HiddenMarkov
{
    /// <summary>Creates a model from log probabilities.</summary>
    /// <param name="initial">Log probability of each initial state; −∞: never.</param>
    /// <param name="transitions">Log probability of each transition, <c>[states, states]</c>; −∞: never.</param>
    /// <exception cref="ArgumentException">There is no state, the sizes differ, or a value is above 0 or NaN.</exception>
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

    /// <summary>Decodes a sequence by the Viterbi algorithm with a beam.</summary>
    /// <remarks>Exact with <see cref="Beam.All"/>. On a tie, the lower state is chosen. If the beam leaves no possible path, the best
    /// hypothesis continues as if every transition were possible. Sums are in float64. Cost: hypotheses × states per step. Sources: Viterbi
    /// (1967); Banik, Ekbal, Bhattacharyya (2018) for both prunings.</remarks>
    /// <param name="emissions">Log probabilities, <c>[steps, states]</c>.</param>
    /// <param name="beam">The beam.</param>
    /// <param name="path">Receives a state per step.</param>
    /// <returns>Expanded pairs of a kept state and a next state, after the first step.</returns>
    /// <exception cref="ArgumentException">The lengths differ, or the beam is out of range.</exception>
    public long BeamDecode(ReadOnlySpan<float> emissions, Beam beam, Span<int> path)
    {
        ArgumentNullException.ThrowIfNull(beam);
        beam.Check();
        var (states, steps) = (States, path.Length);
        if (emissions.Length != (long)states * steps)
        {
            throw new ArgumentException($"expected {(long)states * steps} emissions, got {emissions.Length}");
        }

        if (steps == 0) { return 0; }
        var (back, scores, next) = (new int[steps * states], new double[states], new double[states]);
        var (order, keys, expanded) = (new int[states], new (double Score, int State)[states], 0L);
        for (var s = 0; s < states; s++) { scores[s] = Initial[s] + emissions[s]; }
        for (var t = 1; t < steps; t++)
        {
            var kept = Keep(scores, beam, order, keys);
            expanded += (long)kept * states;
            Array.Fill(next, double.NegativeInfinity);
            back.AsSpan(t * states, states).Fill(order[0]);
            foreach (var from in order.AsSpan(0, kept))
            {
                for (var (to, at) = (0, t * states); to < states; to++, at++)
                {
                    var score = scores[from] + Transitions[(from * states) + to];
                    if (score > next[to] || (score == next[to] && from < back[at])) { (next[to], back[at]) = (score, from); }
                }
            }

            var isPossible = false;
            for (var s = 0; s < states; s++) { isPossible |= next[s] + emissions[(t * states) + s] > double.NegativeInfinity; }
            for (var s = 0; s < states; s++) { next[s] = (isPossible ? next[s] : scores[order[0]]) + emissions[(t * states) + s]; }
            (scores, next) = (next, scores);
        }

        var best = 0;
        for (var s = 1; s < states; s++) { best = scores[s] > scores[best] ? s : best; }
        for (var t = steps - 1; t >= 0; t--)
        {
            path[t] = best;
            best = back[(t * states) + best];
        }

        return expanded;
    }

    /// <summary>Sorts states by score, best first. Returns how many are kept; a state with −∞ never is.</summary>
    private static int Keep(double[] scores, Beam beam, int[] order, (double Score, int State)[] keys)
    {
        for (var s = 0; s < scores.Length; s++) { (keys[s], order[s]) = ((-scores[s], s), s); }
        Array.Sort(keys, order);
        var (least, kept) = (scores[order[0]] + Math.Log(beam.Threshold), 1);
        while (kept < Math.Min(beam.Histogram, order.Length) && scores[order[kept]] >= least
            && scores[order[kept]] > double.NegativeInfinity)
        {
            kept++;
        }

        return kept;
    }

    /// <inheritdoc />
    public bool Equals(HiddenMarkov? other) => other is not null && Initial.AsSpan().SequenceEqual(other.Initial.AsSpan())
        && Transitions.AsSpan().SequenceEqual(other.Transitions.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(States, Initial[0], Transitions[^1]);
}
