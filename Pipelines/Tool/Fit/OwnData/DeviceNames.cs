using System.Collections.Immutable;
using StreamLearn;

namespace Tool;

/// <summary>Names of the devices whose rows are told apart, in the order of their places. The block that reads rows adds to them; others
/// ask while it does.</summary>
internal sealed class DeviceNames(ImmutableArray<string> first, int most, Action<string> say)
{
    private readonly HashSet<string> _used = [.. first];
    private ImmutableArray<string> _names = first;

    private bool _isFull;

    internal ImmutableArray<string> All => _names;

    /// <summary>Gives a device that was not known its place; -1: there are too many.</summary>
    internal int Add(string text)
    {
        var count = _names.Length;
        if (count >= most)
        {
            if (!_isFull) { say(FormattableString.Invariant($"more than {most:N0} devices: rows of others are left out")); }
            _isFull = true;
            return -1;
        }

        var name = PrintableText.Of(text);
        for (var n = 2; !_used.Add(name); n++) { name = FormattableString.Invariant($"{PrintableText.Of(text)}-{n}"); }
        _names = _names.Add(name);      // a reader has the old ones, or the new ones
        return count;
    }
}
