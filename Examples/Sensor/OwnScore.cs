using System.Collections.Immutable;
using System.Globalization;
using StreamLearn.Learning;

namespace Sensor;

/// <summary>How well the devices of a program answered their newest windows, each before it was learned from.</summary>
internal sealed class OwnScore
{
    private const long MostWindows = 1000;
    private const long LeastWindows = 40;

    private readonly Lock _gate = new();
    private readonly Queue<(long Windows, long Correct)> _recent = [];
    private long _windows;
    private long _correct;
    private long _answered;
    private readonly Dictionary<string, HashSet<int>> _classes = [];     // of each device

    /// <summary>The share of right answers among the newest thousand windows, 0 to 1; null before the first.</summary>
    internal double? Accuracy
    {
        get
        {
            lock (_gate) { return _windows == 0 ? null : (double)_correct / _windows; }
        }
    }

    /// <summary>Takes in how a device answered some windows, on the thread of its block.</summary>
    internal void Add(Evaluation evaluation)
    {
        lock (_gate)
        {
            _answered += evaluation.Rows;
            AddClasses(evaluation);
            _recent.Enqueue((evaluation.Rows, evaluation.Correct));
            (_windows, _correct) = (_windows + evaluation.Rows, _correct + evaluation.Correct);
            while (_recent.TryPeek(out var oldest) && _windows - oldest.Windows >= MostWindows)
            {
                _recent.Dequeue();
                (_windows, _correct) = (_windows - oldest.Windows, _correct - oldest.Correct);
            }
        }
    }

    /// <summary>Says of which classes no window has come, once there have been some: the accuracy says nothing of them.</summary>
    /// <param name="classes">The classes.</param>
    /// <param name="samples">Rows of a window.</param>
    /// <returns>Null: there are windows of each class, or too few windows to tell.</returns>
    internal string? TextOfAbsent(ImmutableArray<string> classes, int samples)
    {
        lock (_gate)
        {
            var absent = classes.Where((_, i) => !_classes.Values.Any(c => c.Contains(i))).Select(static c => $"'{c}'").ToList();
            return _answered < LeastWindows || absent.Count == 0 ? null : string.Create(CultureInfo.InvariantCulture,
                $"none of the {_answered} labelled windows is of class {string.Join(" or ", absent)}, so the accuracy says nothing ")
                + $"about {(absent.Count == 1 ? "it" : "them")}: a window takes {samples} rows in a row with the same label";
        }
    }

    /// <summary>Says that the windows of each of several devices were all of one class: then to know one's own is enough.</summary>
    /// <returns>Null: those of a device were of several classes, or there was one device.</returns>
    internal string? TextOfOneClassEach()
    {
        lock (_gate)
        {
            return _answered < LeastWindows || _classes.Count < 2 || _classes.Values.Any(static c => c.Count > 1)
                ? null
                : "the windows of each device are all of one class, so the accuracy only says that devices know their own; "
                    + "whether a version tells the classes apart, unseen rows of all classes say";
        }
    }

    private void AddClasses(Evaluation evaluation)
    {
        if (!_classes.TryGetValue(evaluation.Device, out var seen)) { _classes.Add(evaluation.Device, seen = []); }
        var classes = (int)Math.Sqrt(evaluation.Confusion.Length);
        for (var i = 0; i < evaluation.Confusion.Length; i++)
        {
            if (evaluation.Confusion[i] > 0) { seen.Add(i / classes); }
        }
    }
}
