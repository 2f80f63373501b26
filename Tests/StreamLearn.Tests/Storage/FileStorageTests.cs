namespace StreamLearn.Tests;

public sealed class FileStorageTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("streamlearn-").FullName;
    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void What_is_appended_is_read_back_in_order_also_by_another_instance()
    {
        var storage = new FileStorage(_root);
        storage.Append("log", [1, 2]);
        storage.Append("log", []);
        storage.Append("log", [3]);
        storage.Sync("log");
        Assert.Equal([1, 2, 3], Read(new FileStorage(_root), "log"));
        Assert.Null(storage.Length("absent"));
    }

    [Fact]
    public void Only_the_owner_reads_a_new_file()
    {
        var storage = new FileStorage(_root);
        storage.Append("state", [1]);
        Assert.Equal(1, storage.Length("state"));
        if (OperatingSystem.IsWindows()) { return; }        // without modes of files
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Join(_root, "state")));
    }

    [Fact]
    public void Renaming_replaces_the_other_file_and_an_absent_one_leaves_it_alone()
    {
        var storage = new FileStorage(_root);
        storage.Append("new", [1]);
        storage.Append("state", [2]);
        storage.Rename("new", "state");
        Assert.Equal([1], Read(storage, "state"));
        Assert.Null(storage.Length("new"));
        Assert.Throws<FileNotFoundException>(() => storage.Rename("new", "state"));
        Assert.Throws<FileNotFoundException>(() => storage.Sync("new"));
        Assert.Equal([1], Read(storage, "state"));
        Assert.Null(storage.Length("new"));
    }

    [Fact]
    public void Files_are_listed_cut_read_in_part_and_deleted()
    {
        using var storage = new FileStorage(_root);
        storage.Append("b", [1, 2, 3, 4]);
        storage.Append("a", [5]);
        File.WriteAllText(Path.Join(_root, ".hidden"), "");
        Assert.Equal(["a", "b"], storage.List());

        var two = new byte[2];
        Assert.Equal(2, storage.ReadAt("b", 1, two));
        Assert.Equal([2, 3], two);
        Assert.Equal(1, storage.ReadAt("b", 3, two));
        storage.Truncate("b", 2);
        storage.Append("b", [9]);
        Assert.Equal([1, 2, 9], Read(storage, "b"));
        storage.Delete("a");
        storage.Delete("a");
        Assert.Equal(["b"], storage.List());
    }

    [Fact]
    public void A_folder_that_is_deleted_meanwhile_is_made_again()
    {
        using var storage = new FileStorage(_root);
        storage.Append("old", [1]);
        storage.Rename("old", "state");
        foreach (var use in new Action[]
        {
            () => storage.Delete("state"),
            () => Assert.Empty(storage.List()),
            () => Assert.Throws<FileNotFoundException>(() => storage.Sync("state")),
            () => storage.Append("new", [2]),
        })
        {
            Directory.Delete(_root, recursive: true);
            use();
        }
        storage.Rename("new", "state");
        Assert.Equal([2], Read(storage, "state"));
    }

    [Theory, InlineData(""), InlineData("../outside"), InlineData("a/b"), InlineData(".hidden"), InlineData("é")]
    public void Names_that_could_leave_the_folder_are_refused(string name)
    {
        var storage = new FileStorage(_root);
        Assert.Throws<ArgumentException>(() => storage.Append(name, [1]));
        Assert.Throws<ArgumentException>(() => storage.Length(name));
        Assert.Throws<ArgumentException>(() => storage.Length(new string('a', 65)));
    }

    private static byte[] Read(FileStorage storage, string name)
    {
        var bytes = new byte[storage.Length(name)!.Value];
        Assert.Equal(bytes.Length, storage.ReadAt(name, 0, bytes));
        return bytes;
    }
}
