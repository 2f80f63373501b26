using System.Globalization;
using System.Text;

namespace StreamLearn.Learning;

/// <summary>A fitted model with its evaluation on held-out rows. It prints as a report.</summary>
public sealed record FitResult
{
    /// <summary>The best epoch's weights, with their scaling moments.</summary>
    public required Weights Weights { get; init; }

    /// <summary>The epochs, in order.</summary>
    public required ImmutableArray<FitEpoch> Epochs { get; init; }

    /// <summary>The epoch of the weights.</summary>
    public required int BestEpoch { get; init; }

    /// <summary>Steps.</summary>
    public required long Steps { get; init; }

    /// <summary>Why fitting ended.</summary>
    public required FitEnd End { get; init; }

    /// <summary>True if the validation loss had stopped falling.</summary>
    public bool StoppedEarly => End == FitEnd.Patience;

    /// <summary>Evaluation of the held-out rows; null: none.</summary>
    public Evaluation? Validation { get; init; }

    /// <summary>Evaluation per held-out group.</summary>
    public ImmutableArray<(string Group, Evaluation Evaluation)> Groups { get; init; } = [];

    /// <summary>Names of the classes.</summary>
    public ImmutableArray<string> ClassNames { get; init; } = [];

    /// <inheritdoc />
    public override string ToString()
    {
        var text = new StringBuilder();
        var end = End switch
        {
            FitEnd.Patience => "the validation loss stopped falling",
            FitEnd.Minimum => "the loss is at its minimum",
            FitEnd.Steps => "all steps",
            FitEnd.Stopped => "stopped",
            _ => "all epochs",
        };
        text.Append(CultureInfo.InvariantCulture, $"{Epochs.Length} epochs ({end}), the best is {BestEpoch}");
        if (Validation is not { } held) { return text.ToString(); }
        text.AppendLine().Append(CultureInfo.InvariantCulture, $"{held.Rows} rows held back: loss {held.Loss:0.0000}");
        if (held.Confusion.IsEmpty) { return text.ToString(); }
        var matrix = held.Matrix;
        text.Append(
            CultureInfo.InvariantCulture, $", accuracy {held.Accuracy:P1}, kappa {held.Kappa:0.000}, macro F1 {matrix.MacroF1:0.000}");
        var width = Math.Max(5, ClassNames.Concat(Groups.Select(static g => g.Group)).Select(static n => n.Length).DefaultIfEmpty(0).Max());
        text.AppendLine().AppendLine().Append("class".PadRight(width)).Append("   rows  recall  precision");
        for (var c = 0; c < matrix.Classes; c++)
        {
            var name = c < ClassNames.Length ? ClassNames[c] : c.ToString(CultureInfo.InvariantCulture);
            text.AppendLine().Append(name.PadRight(width)).Append(CultureInfo.InvariantCulture, $"{matrix.Labelled(c),7}");
            if (matrix.Labelled(c) == 0) { text.Append("  not judged"); }
            else { text.Append(CultureInfo.InvariantCulture, $"{matrix.Recall(c),8:P1}{matrix.Precision(c),11:P1}"); }
        }

        if (Groups.Length < 2) { return text.ToString(); }
        text.AppendLine().AppendLine().Append("group".PadRight(width)).Append("   rows  accuracy");
        foreach (var (group, evaluation) in Groups)
        {
            text.AppendLine().Append(group.PadRight(width)).Append(
                CultureInfo.InvariantCulture, $"{evaluation.Rows,7}{evaluation.Accuracy,10:P1}");
        }

        return text.ToString();
    }
}
