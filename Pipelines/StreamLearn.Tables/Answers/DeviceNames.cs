namespace StreamLearn.Tables;

/// <summary>Device names by index. The reading block adds names while others look them up.</summary>
internal sealed class DeviceNames(ImmutableArray<string> first, int most, Action<string> say)
{
    private readonly HashSet<string> _used = [.. first];
    private ImmutableArray<string> _names = first;

    private bool _isFull;

    internal ImmutableArray<string> All => _names;

    /// <summary>Returns the new index; −1 if there are too many devices.</summary>
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
        _names = _names.Add(name);      // replaced as a whole: readers see either the old or the new names
        return count;
    }
}
