using System.Globalization;

namespace StreamLearn;

/// <summary>Checkpoints as files: each is written whole under another name, brought to disk and renamed.</summary>
internal static class CheckpointFiles
{
    private const string Prefix = "checkpoint-";
    private const string Temporary = "unfinished";

    /// <summary>Writes a checkpoint and deletes those that are too many. On return it is on disk.</summary>
    /// <exception cref="IOException">It could not be written; those before it are there as they were.</exception>
    internal static void Write(IStorage storage, long number, ReadOnlySpan<byte> bytes, int keep)
    {
        storage.Delete(Temporary);
        storage.Append(Temporary, bytes);
        storage.Rename(Temporary, NameOf(number));
        var numbers = Numbers(storage);
        for (var i = 0; i < numbers.Count - keep; i++) { storage.Delete(NameOf(numbers[i])); }
    }

    /// <summary>The number of the newest file, whole or not; 0: there is none.</summary>
    internal static long NewestNumber(IStorage storage) => Numbers(storage) is [.., var newest] ? newest : 0;

    /// <summary>The newest checkpoint that is whole; null: there is no file.</summary>
    /// <exception cref="StateException">There are files, and none is whole.</exception>
    internal static Checkpoint? Newest(IStorage storage)
    {
        StateException? first = null;
        var numbers = Numbers(storage);
        for (var i = numbers.Count - 1; i >= 0; i--)
        {
            try
            {
                return Checkpoint.Read(Content(storage, NameOf(numbers[i])));
            }
            catch (StateException e)
            {
                first ??= new($"{NameOf(numbers[i])}: {e.Message}");
            }
        }

        return first is null ? null : throw first;
    }

    internal static string NameOf(long number) => Prefix + number.ToString("d12", CultureInfo.InvariantCulture);

    private static byte[] Content(IStorage storage, string name)
    {
        var length = storage.Length(name) ?? 0;
        if (length > Array.MaxLength) { throw new StateException($"expected at most {Array.MaxLength} bytes, got {length}"); }
        var bytes = new byte[length];
        return storage.ReadAt(name, 0, bytes) == bytes.Length ? bytes : throw new StateException("the file is shorter than it was");
    }

    /// <summary>The numbers of all files, the newest last.</summary>
    private static List<long> Numbers(IStorage storage)
    {
        var numbers = new List<long>();
        foreach (var name in storage.List())
        {
            if (name.StartsWith(Prefix, StringComparison.Ordinal)
                && long.TryParse(name.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                numbers.Add(number);
            }
        }

        numbers.Sort();
        return numbers;
    }
}
