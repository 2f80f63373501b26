namespace StreamLearn.Compression;

/// <summary>Chooses the beam for each sequence by learned rules.</summary>
/// <param name="Beams">The beams, cheapest first.</param>
/// <param name="Rules">Rules that map <see cref="Features"/> to the index of a beam.</param>
public sealed record AdaptiveBeam(ImmutableArray<Beam> Beams, RuleList Rules)
{
    /// <summary>Number of features: steps; mean and maximum state entropy per step, in nats; share of steps whose most likely state is 0;
    /// mean margin of the most likely state over the next.</summary>
    public const int FeatureCount = 5;

    /// <summary>Learns which beam suffices for a sequence: the cheapest with the path of the widest beam, within a tolerance.</summary>
    /// <remarks>Source: Banik, Ekbal, Bhattacharyya (2018), for the choice by a rule classifier.</remarks>
    /// <param name="model">The model.</param>
    /// <param name="sequences">Log probabilities of observations, <c>[steps, states]</c> each; at least one.</param>
    /// <param name="beams">The beams, cheapest first, widest last.</param>
    /// <param name="tolerance">Share of steps that may differ, in [0, 1]; default 0.05.</param>
    /// <exception cref="ArgumentException">There is no sequence, there are fewer than two beams, or a setting is out of range.</exception>
    public static AdaptiveBeam Fit(HiddenMarkov model, IReadOnlyList<ImmutableArray<float>> sequences, ImmutableArray<Beam> beams,
        double tolerance = 0.05)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(sequences);
        if (beams.IsDefault || beams.Length < 2) { throw new ArgumentException("expected at least two beams"); }
        if (!(tolerance is >= 0 and <= 1)) { throw new ArgumentException($"expected a tolerance in [0, 1], got {tolerance}"); }
        var (features, labels) = (new float[sequences.Count * FeatureCount], new int[sequences.Count]);
        for (var i = 0; i < sequences.Count; i++)
        {
            var values = sequences[i].AsSpan();
            Features(model, values, features.AsSpan(i * FeatureCount, FeatureCount));
            var (widest, path) = (new int[values.Length / model.States], new int[values.Length / model.States]);
            model.BeamDecode(values, beams[^1], widest);
            for (labels[i] = 0; labels[i] < beams.Length - 1; labels[i]++)
            {
                model.BeamDecode(values, beams[labels[i]], path);
                if (Differing(path, widest) <= tolerance * path.Length) { break; }
            }
        }

        return new(beams, RuleList.Learn(features, labels, beams.Length));
    }

    private static int Differing(ReadOnlySpan<int> path, ReadOnlySpan<int> other)
    {
        var count = 0;
        for (var t = 0; t < path.Length; t++) { count += path[t] == other[t] ? 0 : 1; }
        return count;
    }

    /// <summary>Decodes a sequence with the beam that the rules choose.</summary>
    /// <param name="model">The model.</param>
    /// <param name="emissions">Log probabilities, <c>[steps, states]</c>.</param>
    /// <param name="path">Receives a state per step.</param>
    /// <returns>Number of expanded hypotheses.</returns>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public long Decode(HiddenMarkov model, ReadOnlySpan<float> emissions, Span<int> path)
    {
        Span<float> features = stackalloc float[FeatureCount];
        Features(model, emissions, features);
        return model.BeamDecode(emissions, Beams[Rules.ClassOf(features)], path);
    }

    /// <summary>Computes a sequence's features.</summary>
    /// <param name="model">The model.</param>
    /// <param name="emissions">Log probabilities, <c>[steps, states]</c>.</param>
    /// <param name="features"><see cref="FeatureCount"/> values.</param>
    public static void Features(HiddenMarkov model, ReadOnlySpan<float> emissions, Span<float> features)
    {
        ArgumentNullException.ThrowIfNull(model);
        var (states, steps) = (model.States, emissions.Length / model.States);
        var (sum, most, quiet, margin) = (0.0, 0.0, 0, 0.0);
        for (var t = 0; t < steps; t++)
        {
            var row = emissions.Slice(t * states, states);
            var (best, second, at) = (float.NegativeInfinity, float.NegativeInfinity, 0);
            for (var s = 0; s < states; s++)
            {
                if (row[s] > best) { (best, second, at) = (row[s], best, s); }
                else if (row[s] > second) { second = row[s]; }
            }

            var (all, weighed) = (0.0, 0.0);
            for (var s = 0; s < states; s++)
            {
                var (distance, power) = (row[s] - (double)best, Math.Exp(row[s] - (double)best));
                (all, weighed) = (all + power, weighed + (power > 0 ? power * distance : 0));
            }

            var entropy = Math.Log(all) - (weighed / all);
            (sum, most, quiet) = (sum + entropy, Math.Max(most, entropy), quiet + (at == 0 ? 1 : 0));
            margin += float.IsFinite(second) ? best - (double)second : 100;
        }

        (features[0], features[1], features[2]) = (steps, (float)(sum / Math.Max(1, steps)), (float)most);
        (features[3], features[4]) = ((float)quiet / Math.Max(1, steps), (float)(margin / Math.Max(1, steps)));
    }

    /// <inheritdoc />
    public bool Equals(AdaptiveBeam? other) => other is not null && Rules.Equals(other.Rules)
        && Beams.AsSpan().SequenceEqual(other.Beams.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Beams.Length, Rules);
}
