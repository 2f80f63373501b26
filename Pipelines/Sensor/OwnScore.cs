using System.Collections.Immutable;
using System.Globalization;

namespace Sensor;

internal sealed class OwnScore
{
    private const long MaxWindows = 1000;
    private const long MinWindows = 40;
    private const double Spreads = 2;

    private readonly Lock _gate = new();
    private readonly Queue<(string Device, long Windows, long Correct, double Off)> _recent = [];
    private long _windows;
    private long _correct;
    private long _allCorrect;
    private double _off;            // sum of |answer − target|
    private bool _isOfValues;
    private readonly SortedDictionary<string, long[]> _labels = new(StringComparer.Ordinal);      // windows per class, by device

    /// <summary>Accuracy on the newest thousand windows; null before the first, or for regression.</summary>
    internal double? Accuracy
    {
        get
        {
            lock (_gate) { return _windows == 0 || _isOfValues ? null : (double)_correct / _windows; }
        }
    }

    /// <summary>Mean absolute error on the newest thousand windows; null before the first, or for classification.</summary>
    internal double? MeanAbsoluteError
    {
        get
        {
            lock (_gate) { return _windows == 0 || !_isOfValues ? null : _off / _windows; }
        }
    }

    /// <summary>Called on the block's thread.</summary>
    internal void Add(Evaluation evaluation)
    {
        lock (_gate)
        {
            _allCorrect += evaluation.Correct;
            _isOfValues |= evaluation.Values.Count > 0;
            AddLabels(evaluation);
            _recent.Enqueue((evaluation.Device, evaluation.Rows, evaluation.Correct, evaluation.Values.AbsoluteSum));
            (_windows, _correct, _off) = (_windows + evaluation.Rows, _correct + evaluation.Correct, _off + evaluation.Values.AbsoluteSum);
            while (_recent.TryPeek(out var oldest) && _windows - oldest.Windows >= MaxWindows)
            {
                _recent.Dequeue();
                (_windows, _correct, _off) = (_windows - oldest.Windows, _correct - oldest.Correct, _off - oldest.Off);
            }
        }
    }

    /// <summary>Removes a device that no longer answers its own windows.</summary>
    internal void Forget(string device)
    {
        lock (_gate)
        {
            for (var left = _recent.Count; left > 0; left--)
            {
                var answered = _recent.Dequeue();
                if (answered.Device != device) { _recent.Enqueue(answered); }
                else
                {
                    (_windows, _correct, _off) = (_windows - answered.Windows, _correct - answered.Correct, _off - answered.Off);
                }
            }
        }
    }

    /// <summary>Describes the limits of the accuracy in sentences. <paramref name="classes"/>: empty if unnamed.</summary>
    internal IReadOnlyList<string> Caveats(ImmutableArray<string> classes, int samples)
    {
        lock (_gate)
        {
            if (_isOfValues) { return []; }
            var windows = classes.Select((_, c) => _labels.Values.Sum(l => l[c])).ToList();
            var all = windows.Sum();
            return all < MinWindows ? []
                : [.. ((string?[])[OfAbsent(classes, windows, samples), OfOneClassEach(), OfTheMostFrequent(classes, windows, all)])
                    .OfType<string>()];
        }
    }

    private static string? OfAbsent(ImmutableArray<string> classes, List<long> windows, int samples)
    {
        var absent = classes.Where((_, c) => windows[c] == 0).Select(static c => $"'{c}'").ToList();
        return absent.Count == 0 ? null : string.Create(CultureInfo.InvariantCulture,
            $"none of the {windows.Sum()} labelled windows is of class {string.Join(" or ", absent)}, so the accuracy says nothing ")
            + $"about {(absent.Count == 1 ? "it" : "them")}: a window needs {samples} consecutive rows with the same label";
    }

    private string? OfOneClassEach() => _labels.Count < 2 || _labels.Values.Any(static l => l.Count(static w => w > 0) > 1) ? null
        : "each device has windows of one class only, so this accuracy says little; use unseen rows of all classes to measure whether a "
            + "version distinguishes them";

    private string? OfTheMostFrequent(ImmutableArray<string> classes, List<long> windows, long all)
    {
        var most = windows.Max();
        var chance = Spreads * Math.Sqrt((double)most * (all - most) / all);
        if (_allCorrect + chance >= most) { return null; }
        var (own, usual) = ((double)_allCorrect / all, classes[windows.IndexOf(most)]);
        return string.Create(CultureInfo.InvariantCulture, $"{own:0.000} of the {all} windows were answered correctly before learning ")
            + $"from them; always answering '{usual}' would be correct for "
            + string.Create(CultureInfo.InvariantCulture, $"{(double)most / all:0.000}: the model has learned too little");
    }

    private void AddLabels(Evaluation evaluation)
    {
        var classes = (int)Math.Sqrt(evaluation.Confusion.Length);
        if (!_labels.TryGetValue(evaluation.Device, out var labels)) { _labels.Add(evaluation.Device, labels = new long[classes]); }
        for (var i = 0; i < evaluation.Confusion.Length; i++) { labels[i / classes] += evaluation.Confusion[i]; }
    }
}
