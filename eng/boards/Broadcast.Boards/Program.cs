using Broadcast.Boards.Drawing;
using Broadcast.Boards.Files;
using Broadcast.Boards.Rules;

var board = BoardFile.Read(args[0]);
foreach (var p in BoardRules.Problems(board).Concat(ElectricalRules.Problems(board))) Console.WriteLine(p);
var canvas = SignalSheet.Draw(board);
File.WriteAllText(Path.Combine(Path.GetDirectoryName(args[0])!, "wiring-1-signals.svg"), canvas.ToSvg(board.Name));
File.WriteAllText(Path.Combine(Path.GetDirectoryName(args[0])!, "wiring-2-power.svg"), PowerSheet.Draw(board).ToSvg(board.Name));
return 0;
