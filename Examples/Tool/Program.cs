using Tool;

using var bytes = StandardOutput.Open();
using var source = Console.OpenStandardInput();
using var output = new StreamWriter(bytes) { AutoFlush = true };
try
{
    return CommandLine.Run(args, Console.In, output, Console.Error, bytes, source, StandardOutput.Columns);
}
catch (Exception e) when (e is UnauthorizedAccessException || (e is IOException && !StandardOutput.IsClosed(e)))
{
    Console.Error.WriteLine($"streamlearn: the output cannot be written: {e.Message}");
    return 1;
}
