using System.Globalization;

namespace StreamLearn;

/// <summary>Each is written under a temporary name, flushed and renamed. Assumes no other writer.</summary>
internal sealed class CheckpointFiles(IStorage storage, int keep)
{
    private const string Prefix = "checkpoint-";
    private const string Temporary = "unfinished";
    private readonly List<(long Number, string Name)> _kept = Kept(storage);
    private bool _isKnown;      // false before the first write, and after a failed one

    /// <summary>Intact or not; 0: no file.</summary>
    internal long Newest => _kept is [.., var newest] ? newest.Number : 0;

    /// <summary>Writes a checkpoint durably and deletes surplus ones. If the disk is full, it reuses the oldest ones' space.</summary>
    /// <exception cref="IOException">The checkpoint could not be written; the previous one is unchanged.</exception>
    internal void Write(long number, ReadOnlySpan<byte> bytes)
    {
        if (!_isKnown)
        {
            storage.Delete(Temporary);
            _kept.Clear();
            _kept.AddRange(Kept(storage));
        }

        _isKnown = false;
        var name = NameOf(number);
        Place(name, bytes);
        _kept.Add((number, name));
        while (_kept.Count > keep)
        {
            storage.Delete(_kept[0].Name);
            _kept.RemoveAt(0);
        }

        _isKnown = true;
    }

    private void Place(string name, ReadOnlySpan<byte> bytes)
    {
        for (; ; )
        {
            try
            {
                storage.Append(Temporary, bytes);
                storage.Rename(Temporary, name);
                return;
            }
            catch (NoSpaceException)
            {
                storage.Delete(Temporary);
                if (!HasSpare()) { throw; }
                storage.Delete(_kept[0].Name);
                _kept.RemoveAt(0);
            }
        }
    }

    /// <summary>True if the oldest checkpoint can be deleted because the newest is intact.</summary>
    private bool HasSpare()
    {
        if (_kept.Count < 2) { return false; }
        try
        {
            Checkpoint.Read(Content(storage, _kept[^1].Name));
            return true;
        }
        catch (StateException) { return false; }
    }

    /// <summary>Reads the newest intact checkpoint; null: no file.</summary>
    /// <exception cref="StateException">There are files, but none is intact.</exception>
    internal static Checkpoint? Read(IStorage storage)
    {
        List<string> damaged = [];
        foreach (var (_, name) in Kept(storage).AsEnumerable().Reverse())
        {
            try { return Checkpoint.Read(Content(storage, name), [.. damaged]); }
            catch (StateException e) { damaged.Add($"{name}: {e.Message}"); }
        }

        return damaged.Count == 0 ? null : throw new StateException(damaged[0]);
    }

    internal static string NameOf(long number) => Prefix + number.ToString("d12", CultureInfo.InvariantCulture);

    private static byte[] Content(IStorage storage, string name)
    {
        var length = storage.Length(name) ?? 0;
        if (length > Array.MaxLength) { throw new StateException($"expected at most {Array.MaxLength} bytes, got {length}"); }
        var bytes = new byte[length];
        return storage.ReadAt(name, 0, bytes) == bytes.Length ? bytes : throw new StateException("the file is shorter than it was");
    }

    private static List<(long Number, string Name)> Kept(IStorage storage)
    {
        var kept = new List<(long Number, string Name)>();
        foreach (var name in storage.List())
        {
            if (name.StartsWith(Prefix, StringComparison.Ordinal)
                && long.TryParse(name.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                kept.Add((number, name));
            }
        }

        kept.Sort();
        return kept;
    }
}
