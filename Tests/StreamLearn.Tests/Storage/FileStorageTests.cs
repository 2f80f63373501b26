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

        Assert.Equal([1, 2, 3], new FileStorage(_root).Read("log"));
        Assert.Null(storage.Read("absent"));
    }

    [Fact]
    public void Renaming_replaces_the_other_file_and_an_absent_one_leaves_it_alone()
    {
        var storage = new FileStorage(_root);
        storage.Append("new", [1]);
        storage.Append("state", [2]);

        storage.Rename("new", "state");
        Assert.Equal([1], storage.Read("state"));
        Assert.Null(storage.Read("new"));
        Assert.Throws<FileNotFoundException>(() => storage.Rename("new", "state"));
        Assert.Throws<FileNotFoundException>(() => storage.Sync("new"));
        Assert.Equal([1], storage.Read("state"));
        Assert.Null(storage.Read("new"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("../outside")]
    [InlineData("a/b")]
    [InlineData(".hidden")]
    [InlineData("é")]
    public void Names_that_could_leave_the_folder_are_refused(string name)
    {
        var storage = new FileStorage(_root);

        Assert.Throws<ArgumentException>(() => storage.Append(name, [1]));
        Assert.Throws<ArgumentException>(() => storage.Read(name));
        Assert.Throws<ArgumentException>(() => storage.Read(new string('a', 65)));
    }
}
