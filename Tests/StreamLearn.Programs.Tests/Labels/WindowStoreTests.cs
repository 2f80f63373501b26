using System.Buffers.Binary;
using StreamLearn.Testing;

namespace StreamLearn.Programs.Tests;

public sealed class WindowStoreTests
{
    private const int RecordBytes = HeldWindow.HeaderBytes + (4 * 2) + (4 * 8);

    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Windows_are_found_again_with_all_that_they_were()
    {
        using var folder = new TemporaryFolder();
        using (var store = new WindowStore(new FolderSegments(folder.File("labels")), 1 << 20)) { Fill(store, 3); }

        using var again = new WindowStore(new FolderSegments(folder.File("labels")), 1 << 20);

        Assert.Equal((3, 3, 3L), (again.Count, again.Waiting, again.Next));
        var window = new HeldWindow(again.Read(1));
        var values = new float[4];
        window.CopyTo(values, 1);
        Assert.Equal((1L, 100L, 103L, Now.UtcTicks), (window.Number, window.First, window.Last, window.Arrived));
        Assert.Equal((new(7, 1), 4, 2, 2, 0.25f),
            (window.Version, window.Rows, window.Channels, window.Classes, window.ProbabilityOf(1)!.Value));
        Assert.Equal([1f, 5, 6, 7], values);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(RecordBytes - 1)]
    [InlineData(RecordBytes - 10)]
    public void A_torn_tail_is_cut_off_and_what_follows_goes_there(int torn)
    {
        var files = new MemorySegments();
        Fill(new(files, 1 << 20), 3);
        files.Truncate(1, (3 * RecordBytes) - torn);

        var store = new WindowStore(files, 1 << 20);
        Assert.Equal((2, 2L, 2L * RecordBytes), (store.Count, store.Next, files.LengthOf(1)));
        Fill(store, 1);

        Assert.Equal(3, new WindowStore(files, 1 << 20).Count);
    }

    [Fact]
    public void A_damaged_window_is_cut_off_at_the_end_and_empty_where_it_is_read()
    {
        var files = new MemorySegments();
        var store = new WindowStore(files, 1 << 20);
        Fill(store, 3);
        files.Files[1][^1] ^= 1;

        Assert.True(store.Read(2).IsEmpty);
        Assert.Equal(2, new WindowStore(files, 1 << 20).Count);
    }

    [Fact]
    public void The_oldest_windows_make_way_by_files()
    {
        var files = new MemorySegments();
        var store = new WindowStore(files, 4 * 65_536);
        var gone = Fill(store, 4 * 65_536 / RecordBytes * 2);

        Assert.InRange(store.SizeBytes, 3 * 65_536, 4 * 65_536);
        Assert.Equal(store.SizeBytes, files.List().Sum(files.LengthOf));
        Assert.Equal(store.Next, gone + store.Waiting);
        Assert.Equal(gone, store[0].Number);
        Assert.Equal(store[0].Number, new HeldWindow(store.Read(0)).Number);
    }

    [Fact]
    public void A_file_of_which_no_window_waits_goes_once_no_kept_state_needs_it()
    {
        var files = new MemorySegments();
        var store = new WindowStore(files, 1 << 20);
        Fill(store, 65_536 / RecordBytes * 2);
        for (var i = 0; i < 65_536 / RecordBytes; i++) { store.Take(i); }

        for (var save = 0; save < 4; save++) { store.Saved(); }
        Assert.Equal([1, 2], files.List());
        store.Saved();

        Assert.Equal([2], files.List());
        Assert.Equal((store.Count, store.Count), (store.Waiting, 65_536 / RecordBytes));
    }

    [Fact]
    public void A_state_knows_what_has_gone_on_and_what_came_after_it_is_known_when_it_comes_again()
    {
        var files = new MemorySegments();
        var store = new WindowStore(files, 1 << 20);
        Fill(store, 3);
        store.Take(1);
        var state = new StateBuffer();
        var writes = new StateStream(state);
        store.State(ref writes);
        store.Take(0);          // after the state: undone by a restart
        Fill(store, 2);

        var again = new WindowStore(files, 1 << 20);
        var reads = new StateStream(state.Written, new());
        again.State(ref reads);

        Assert.Equal([true, false, true, true, true], Enumerable.Range(0, 5).Select(i => again[i].Waits));
        Assert.Equal(4, again.Waiting);
        Assert.Equal([false, true, false], [again.Knows(200, 203), again.Knows(300, 303), again.Knows(300, 303)]);
    }

    /// <summary>With room for any part of the next window, and a kill while the disk is full.</summary>
    [Fact]
    public void A_full_disk_costs_the_windows_that_come_and_leaves_the_store_whole()
    {
        for (var room = 0; room < RecordBytes; room++)
        {
            var files = new FaultySegments();
            var store = new WindowStore(files, 1 << 20);
            Fill(store, 2);
            files.Room = room;
            Assert.False(TryAdd(store, out _));
            Assert.False(TryAdd(store, out _));
            Assert.Equal(2, store.Waiting);

            files.Room = int.MaxValue;
            if (room % 2 == 0) { store = new(files, 1 << 20); }
            Fill(store, 2);

            Assert.Equal([0, 1, 2, 3], Numbers(new(files, 1 << 20)));
        }
    }

    [Fact]
    public void Windows_that_make_way_on_a_full_disk_are_counted()
    {
        var files = new FaultySegments();
        var store = new WindowStore(files, 4 * 65_536);
        while (store.SizeBytes + RecordBytes <= 4 * 65_536) { Fill(store, 1); }
        files.Room = 0;

        Assert.False(TryAdd(store, out var gone));

        Assert.Equal((store.Next, true), (store.Waiting + gone, gone > 0));
    }

    [Fact]
    public void A_disk_that_says_that_it_is_full_is_written_to_again_when_there_is_room()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "no such device");
        using var folder = new TemporaryFolder();
        var full = folder.File("windows-000000000001");
        using var store = new WindowStore(new FolderSegments(folder.Path), 1 << 20);
        File.CreateSymbolicLink(full, "/dev/full");
        Assert.False(TryAdd(store, out _));

        store.Clear();
        Fill(store, 2);

        Assert.Equal([0, 1], Numbers(store));
    }

    [Fact]
    public void A_read_only_disk_gives_its_windows_and_is_written_to_again_when_it_can_be()
    {
        var files = new FaultySegments();
        Fill(new(files, 1 << 20), 3);
        files.Files[1].RemoveAt(files.Files[1].Count - 1);
        files.IsReadOnly = true;

        var store = new WindowStore(files, 1 << 20);
        Assert.Equal([0, 1], Numbers(store));
        Assert.False(TryAdd(store, out _));
        files.IsReadOnly = false;
        Fill(store, 1);
        Assert.Equal([0, 1, 2], Numbers(new(files, 1 << 20)));

        files.IsReadOnly = true;
        Assert.Equal((3, 0, 0), (store.Clear(), store.Waiting, store.Count));
    }

    /// <summary>Of files before the last one, heads alone are looked at.</summary>
    [Fact]
    public void A_damaged_byte_of_an_old_head_costs_windows_of_its_file_at_most()
    {
        var files = new FaultySegments();
        var all = 65_536 / RecordBytes * 2;
        Fill(new(files, 1 << 20), all);
        for (var at = 0; at < HeldWindow.HeaderBytes; at++)
        {
            var damaged = new MemorySegments();
            foreach (var (id, file) in files.Files) { damaged.Write(id, 0, file.ToArray()); }
            damaged.Files[1][RecordBytes + at] ^= 0x81;

            var store = new WindowStore(damaged, 1 << 20);

            Assert.InRange(store.Count, at is >= 8 and < 56 ? all - 1 : 1 + (all / 2), all);
            Assert.Equal(all, store.Next);
            Assert.False(store.Read(store.Count - 1).IsEmpty);
        }
    }

    /// <summary>The state beside the files, of which somebody changed numbers.</summary>
    [Fact]
    public void A_forged_state_is_taken_or_refused_and_the_store_works_on()
    {
        var files = new MemorySegments();
        var store = new WindowStore(files, 1 << 20);
        Fill(store, 6);
        store.Take(1);
        store.Take(4);
        var state = new StateBuffer();
        var writes = new StateStream(state);
        store.State(ref writes);
        var random = new RandomStream(6, "state");
        for (var i = 0; i < (LongForm.IsAsked ? 10_000 : 500); i++)
        {
            var forged = state.Written.ToArray();
            BinaryPrimitives.WriteInt64LittleEndian(forged.AsSpan(random.NextInt32(forged.Length - 7)), random.NextInt32(3) switch
            {
                0 => long.MaxValue - random.NextInt32(3),
                1 => random.NextInt32(9) - 2,
                _ => (long)(random.NextDouble(-1, 1) * long.MaxValue),
            });
            var again = new WindowStore(files, 1 << 20);

            var failure = Record.Exception(() =>
            {
                var reads = new StateStream(forged, new());
                again.State(ref reads);
            });

            Assert.True(failure is null or StateException, $"{failure}");
            Assert.InRange(again.Waiting, 0, 6);
            for (var w = 0; w < again.Count; w++) { again.Take(w); }
            Assert.Equal((0, 6), (again.Waiting, again.Count));
        }
    }

    private static IEnumerable<long> Numbers(WindowStore store) =>
        Enumerable.Range(0, store.Count).Select(i => store.Read(i) is { IsEmpty: false } record ? new HeldWindow(record).Number : -1);

    private static int Fill(WindowStore store, int windows)
    {
        var gone = 0;
        for (var i = 0; i < windows; i++)
        {
            Assert.True(TryAdd(store, out var more));
            gone += more;
        }

        return gone;
    }

    private static bool TryAdd(WindowStore store, out int gone) => store.TryAdd((store.Next * 100, (store.Next * 100) + 3), Now,
        new(7, store.Next), 4, [0.75f, 0.25f], [0, 2, 3, 4, store.Next, 5, 6, 7], out gone);
}
