namespace StreamLearn.Tests;

/// <summary>A checkpoint is whole or refused, and one that is on disk stays there whatever happens to those after it.</summary>
public sealed class CheckpointFileTests
{
    [Fact]
    public void Each_byte_that_is_changed_or_cut_off_is_found()
    {
        var bytes = Unit(7);
        Assert.Equal(7, Checkpoint.Read(bytes).Number);

        for (var at = 0; at < bytes.Length; at++)
        {
            foreach (var change in new[] { 0x01, 0x80, 0xFF })
            {
                byte[] changed = [.. bytes];
                changed[at] ^= (byte)change;
                Assert.Throws<StateException>(() => Checkpoint.Read(changed));
            }
            Assert.Throws<StateException>(() => Checkpoint.Read(bytes.AsMemory(0, at)));
        }
        Assert.Throws<StateException>(() => Checkpoint.Read((byte[])[.. bytes, 0]));
    }

    [Theory, InlineData(false, false, false), InlineData(true, false, false), InlineData(false, true, false), InlineData(true, true, false)]
    [InlineData(false, false, true), InlineData(true, false, true), InlineData(false, true, true), InlineData(true, true, true)]
    public void Whatever_operation_fails_the_newest_checkpoint_is_the_one_before_or_the_new_one(bool cuts, bool losesPower, bool isFull)
    {
        for (var failing = 1; ; failing++)
        {
            var storage = new FaultyStorage { Cuts = cuts };
            var files = new CheckpointFiles(storage, keep: 2);
            for (var number = 1; number <= 3; number++) { files.Write(number, Unit(number)); }
            storage.FailsAt = storage.Operations + failing;
            if (isFull) { storage.Space = 2 * Unit(4).Length; }      // what the two before take

            var failure = Record.Exception(() => files.Write(4, Unit(4)));
            storage.FailsAt = null;
            if (losesPower) { storage.LosePower(); }

            var newest = CheckpointFiles.Read(storage)!.Number;
            Assert.InRange(newest, 3, 4);
            if (failure is null)
            {
                Assert.Equal(4, newest);
                Assert.Equal(["checkpoint-000000000003", "checkpoint-000000000004"], storage.List());
                return;
            }
            Assert.IsType<IOException>(failure);
            files.Write(5, Unit(5));
            Assert.Equal(5, CheckpointFiles.Read(storage)!.Number);
            Assert.Equal(2, storage.List().Count);
        }
    }

    [Fact]
    public void A_full_disk_needs_no_more_room_than_the_checkpoints_take()
    {
        var storage = new FaultyStorage();
        var files = new CheckpointFiles(storage, keep: 3);
        for (var number = 1; number <= 3; number++) { files.Write(number, Unit(number)); }
        storage.Space = 3 * Unit(3).Length;

        for (var number = 4; number <= 8; number++)
        {
            files.Write(number, Unit(number));
            Assert.Equal(number, CheckpointFiles.Read(storage)!.Number);
        }
        storage.Space--;
        files.Write(9, Unit(9));
        Assert.Equal(["checkpoint-000000000008", "checkpoint-000000000009"], storage.List());
        storage.Space = (2 * Unit(9).Length) - 1;
        Assert.Throws<NoSpaceException>(() => files.Write(10, Unit(10)));
        Assert.Equal(["checkpoint-000000000009"], storage.List());       // the last one stays, and no part of another takes room
        storage.Space = long.MaxValue;
        for (var number = 11; number <= 13; number++) { files.Write(number, Unit(number)); }
        Assert.Equal(3, storage.List().Count);
    }

    [Fact]
    public void A_full_disk_takes_no_checkpoint_away_while_the_newest_is_damaged()
    {
        var storage = new FaultyStorage();
        var files = new CheckpointFiles(storage, keep: 2);
        files.Write(1, Unit(1));
        files.Write(2, Unit(2));
        storage.Truncate("checkpoint-000000000002", Unit(2).Length - 1);
        storage.Space = 2 * Unit(2).Length;
        Assert.Throws<NoSpaceException>(() => files.Write(3, Unit(3)));
        Assert.Equal(1, CheckpointFiles.Read(storage)!.Number);
    }

    [Fact]
    public void A_disk_says_that_it_is_full_in_its_own_exception()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "no such device");
        using var folder = new TemporaryFolder();
        File.CreateSymbolicLink(Path.Join(folder.Path, "full"), "/dev/full");
        using var storage = new FileStorage(folder.Path);
        var refusal = Assert.Throws<NoSpaceException>(() => storage.Append("full", [1]));
        Assert.Contains("No space left", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_checkpoint_is_passed_over_for_the_one_before()
    {
        var storage = new FaultyStorage();
        Assert.Null(CheckpointFiles.Read(storage));
        var files = new CheckpointFiles(storage, keep: 3);
        files.Write(1, Unit(1));
        files.Write(2, Unit(2));
        storage.Truncate("checkpoint-000000000002", 40);
        Assert.Equal(1, CheckpointFiles.Read(storage)!.Number);
        storage.Truncate("checkpoint-000000000001", 0);
        var refusal = Assert.Throws<StateException>(() => CheckpointFiles.Read(storage));
        Assert.StartsWith("checkpoint-000000000002: ", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_whose_folder_is_deleted_makes_it_again_and_keeps_it_to_itself()
    {
        using var parent = new TemporaryFolder();
        var folder = Path.Join(parent.Path, "state");
        var options = new RunOptions { Checkpoints = new(folder) { Every = Timeout.InfiniteTimeSpan } };
        await using var run = Blocks.Start(p => p.Input<Batch>("in").Discard(), options);
        for (var number = 1; number <= 5; number++)
        {
            Assert.Equal(number, (await run.CheckpointAsync()).Number);
            Assert.Equal(number, Checkpoint.Newest(folder)!.Number);
            if (number < 3) { Directory.Delete(folder, recursive: true); }
        }
        var refusal = Assert.Throws<IOException>(() => Blocks.Start(
            p => p.Input<Batch>("in").Discard(), options with { StartFrom = Checkpoint.Newest(folder) }));
        Assert.Contains("in use by another run", refusal.Message, StringComparison.Ordinal);
        Assert.Null(run.CheckpointFailure);
    }

    private static byte[] Unit(long number)
    {
        var frames = new StateFrames();
        frames.Clear();
        var header = frames.Begin(Checkpoint.RunPart, Checkpoint.RunFormat);
        new RunHeader("test", number, DateTimeOffset.UnixEpoch, TimeSpan.FromSeconds(9), Seed: 3, HasEnded: false).State(ref header);
        new TopicLevels([]).State(ref header);
        frames.Begin("block/a", "operator/1").Value("some state");
        frames.Begin("block/b", "operator/1").Values<long>([1, 2, 3]);
        return frames.Seal().ToArray();
    }
}
