using StreamLearn.Programs;
using Tool;

Console.SetOut(new PrintableWriter(Console.Out));
Console.SetError(new PrintableWriter(Console.Error, PrintableText.MaxLength));
using var bytes = ClosedStream.Is(1) ? new ClosedStream("standard output") : StandardOutput.Open();
using Stream source = ClosedStream.Is(0) ? new ClosedStream("standard input") : Console.OpenStandardInput();
using var output = new StreamWriter(bytes) { AutoFlush = true };
using var input = source is ClosedStream ? new StreamReader(source) : Console.In;
try
{
    return CommandLine.Run(args, input, output, Console.Error, bytes, source,
        columns: !Console.IsOutputRedirected && Console.WindowWidth is >= 20 and var width ? width : null);
}
catch (StandardClosedException e)
{
    Console.Error.WriteLine($"streamlearn: {e.Message}");
    return 1;
}
catch (Exception e) when (e is UnauthorizedAccessException || (e is IOException && !StandardOutput.IsClosed(e)))
{
    Console.Error.WriteLine($"streamlearn: the output cannot be written: {e.Message}");
    return 1;
}
