using System.Runtime.InteropServices;

namespace StreamLearn.Learning;

/// <summary>Counts by label and answer, and measures computed from them. Immutable; compared by counts.</summary>
/// <remarks> A share of zero rows is 0. Source: Cohen (1960) for kappa; Bifet, de Francisci Morales, Read, Holmes, Pfahringer (2015) for
/// kappa-M and kappa-temporal; Opitz, Burst (2019) for macro F1. </remarks>
public sealed class ConfusionMatrix : IEquatable<ConfusionMatrix>
{
    /// <summary>Creates a matrix of counts.</summary>
    /// <param name="counts">Numbers of rows, <c>[label × classes + answer]</c>, at least 0 each; at least one class.</param>
    /// <exception cref="ArgumentException">The counts are not square, or one is negative.</exception>
    public ConfusionMatrix(ImmutableArray<long> counts)
    {
        Classes = counts.IsDefault ? 0 : (int)Math.Sqrt(counts.Length);
        if (Classes == 0 || Classes * Classes != counts.Length)
        {
            throw new ArgumentException("expected classes × classes counts", nameof(counts));
        }

        foreach (var count in counts) { ArgumentOutOfRangeException.ThrowIfNegative(count, nameof(counts)); }
        Counts = counts;
        for (var label = 0; label < Classes; label++)
        {
            Rows += Labelled(label);
            Correct += this[label, label];
        }
    }

    /// <summary>Classes.</summary>
    public int Classes { get; }

    /// <summary>Rows by label and answer, <c>[label × classes + answer]</c>.</summary>
    public ImmutableArray<long> Counts { get; }

    /// <summary>All rows.</summary>
    public long Rows { get; }

    /// <summary>Correct answers.</summary>
    public long Correct { get; }

    /// <summary>Share of correct answers, p0.</summary>
    public double Accuracy => Share(Correct, Rows);

    /// <summary>Accuracy above chance: (p0 − pc)/(1 − pc), where pc is the agreement by chance at equal rates; 0 if pc is 1.</summary>
    public double Kappa
    {
        get
        {
            double chance = 0;
            for (var c = 0; c < Classes; c++) { chance += Share(Labelled(c), Rows) * Share(Answered(c), Rows); }
            return Above(chance);
        }
    }

    /// <summary>Accuracy above that of always answering the most frequent label: (p0 − pm)/(1 − pm); 0 if pm is 1.</summary>
    public double KappaM
    {
        get
        {
            long most = 0;
            for (var c = 0; c < Classes; c++) { most = Math.Max(most, Labelled(c)); }
            return Above(Share(most, Rows));
        }
    }

    /// <summary>Mean F1 of the classes that occur.</summary>
    public double MacroF1
    {
        get
        {
            var (sum, occurring) = (0.0, 0);
            for (var c = 0; c < Classes; c++)
            {
                if (Labelled(c) + Answered(c) == 0) { continue; }
                sum += F1(c);
                occurring++;
            }

            return occurring == 0 ? 0 : sum / occurring;
        }
    }

    /// <summary>Rows with a label and an answer.</summary>
    /// <param name="label">The label, from 0.</param>
    /// <param name="answer">The answer, from 0.</param>
    public long this[int label, int answer]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)label, (uint)Classes, nameof(label));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)answer, (uint)Classes, nameof(answer));
            return Counts[(label * Classes) + answer];
        }
    }

    /// <summary>Creates an empty matrix.</summary>
    /// <param name="classes">Classes, at least 1.</param>
    public static ConfusionMatrix Empty(int classes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        return new([.. new long[classes * classes]]);
    }

    /// <summary>Adds two matrices.</summary>
    /// <param name="a">One matrix.</param>
    /// <param name="b">Another matrix, of other rows.</param>
    /// <exception cref="ArgumentException">The numbers of classes differ.</exception>
    public static ConfusionMatrix Add(ConfusionMatrix a, ConfusionMatrix b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        if (a.Classes != b.Classes) { throw new ArgumentException($"expected {a.Classes} classes, got {b.Classes}", nameof(b)); }
        var counts = new long[a.Counts.Length];
        for (var i = 0; i < counts.Length; i++) { counts[i] = a.Counts[i] + b.Counts[i]; }
        return new(ImmutableCollectionsMarshal.AsImmutableArray(counts));
    }

    /// <summary>Counts rows of a label.</summary>
    /// <param name="label">The label, from 0.</param>
    public long Labelled(int label)
    {
        long rows = 0;
        for (var answer = 0; answer < Classes; answer++) { rows += this[label, answer]; }
        return rows;
    }

    /// <summary>Counts rows with an answer.</summary>
    /// <param name="answer">The answer, from 0.</param>
    public long Answered(int answer)
    {
        long rows = 0;
        for (var label = 0; label < Classes; label++) { rows += this[label, answer]; }
        return rows;
    }

    /// <summary>Returns the share of the rows with a label that have that answer (recall).</summary>
    /// <param name="label">The label, from 0.</param>
    public double Recall(int label) => Share(this[label, label], Labelled(label));

    /// <summary>Returns the share of the rows with an answer that have that label (precision).</summary>
    /// <param name="answer">The answer, from 0.</param>
    public double Precision(int answer) => Share(this[answer, answer], Answered(answer));

    /// <summary>Returns the harmonic mean of precision and recall.</summary>
    /// <param name="label">The class, from 0.</param>
    public double F1(int label) => Share(2 * this[label, label], Labelled(label) + Answered(label));

    /// <summary>Returns the accuracy above a reference: (p0 − pe)/(1 − pe); 0 if pe is 1.</summary>
    /// <param name="reference">The reference accuracy pe, 0 to 1; that of repeating the last label gives kappa-temporal.</param>
    public double Above(double reference) => Rows == 0 || reference >= 1 ? 0 : (Accuracy - reference) / (1 - reference);

    /// <inheritdoc />
    public bool Equals(ConfusionMatrix? other) => other is not null && Counts.AsSpan().SequenceEqual(other.Counts.AsSpan());

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as ConfusionMatrix);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Classes, Rows, Correct);

    /// <inheritdoc />
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture,
        $"{Correct} of {Rows} rows, {Classes} classes, kappa {Kappa:0.000}");

    private static double Share(long part, long whole) => whole == 0 ? 0 : (double)part / whole;
}
