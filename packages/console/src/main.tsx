import { createRoot } from 'react-dom/client';
import './console.css';
import { Playground } from './playground.tsx';

const place = document.getElementById('console');
if (place === null) throw new Error('index.html has no element with the id "console"');
createRoot(place).render(<Playground />);
