using Tool;

using var bytes = StandardOutput.Open();
using var output = new StreamWriter(bytes) { AutoFlush = true };
return CommandLine.Run(args, Console.In, output, Console.Error, bytes);
